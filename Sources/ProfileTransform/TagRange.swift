import ProfileModel

/// A number or a range of numbers of a tag filter: `32kb`, `4mb:`, `:64kb`, `12kb:64mb`.
///
/// Facts: github.com/google/pprof `internal/driver/driver_focus.go` (`parseTagFilterRange`).
struct TagRange: Sendable, Equatable {
    private let unit: String
    private let lowest: Double
    private let highest: Double

    /// Nil if `text` is no range.
    ///
    /// - Parameter option: The name of the option that it stands in.
    init?(_ text: String, option: String) throws(ProfileFilterError) {
        let quantities = Quantity.firstTwo(in: Array(text.utf8))
        guard let first = quantities.first else { return nil }
        // As pprof, which gives up on such numbers, look at the number before anything else.
        guard let number = Int64(first.number) else { throw .numberOutOfRange(option: option, first.number) }
        let (scaled, unit) = Measurement.scale(number, from: first.unit, to: first.unit)
        self.unit = unit
        if quantities.count == 1 {
            switch text {
            case first.text: (lowest, highest) = (scaled, scaled)
            case first.text + ":": (lowest, highest) = (scaled, .infinity)
            case ":" + first.text: (lowest, highest) = (-.infinity, scaled)
            default: return nil
            }
            return
        }
        let second = quantities[1]
        guard text == first.text + ":" + second.text else { return nil }
        guard let number = Int64(second.number) else { throw .numberOutOfRange(option: option, second.number) }
        let (secondScaled, secondUnit) = Measurement.scale(number, from: second.unit, to: unit)
        guard unit == secondUnit else { return nil }
        (lowest, highest) = (scaled, secondScaled)
    }

    /// Whether `value` lies in it; a value of a unit that does not convert does not.
    func contains(_ value: Int64, unit: String) -> Bool {
        let (scaled, scaledUnit) = Measurement.scale(value, from: unit, to: self.unit)
        return scaledUnit == self.unit && scaled >= lowest && scaled <= highest
    }
}

/// A number with its sign and the letters that follow it.
private struct Quantity {
    var number: String
    var unit: String

    var text: String { number + unit }

    /// The first two in `text`, wherever they stand.
    static func firstTwo(in text: [UInt8]) -> [Quantity] {
        var found: [Quantity] = []
        var position = 0
        while position < text.count, found.count < 2 {
            let start = position
            var end = position
            if text[end] == UInt8(ascii: "+") || text[end] == UInt8(ascii: "-") { end += 1 }
            let digits = text[end...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            guard !digits.isEmpty else {
                position += 1
                continue
            }
            let letters = text[digits.endIndex...].prefix { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            }
            found.append(
                Quantity(
                    number: String(decoding: text[start..<digits.endIndex], as: UTF8.self),
                    unit: String(decoding: letters, as: UTF8.self)))
            position = letters.endIndex
        }
        return found
    }
}
