import ProfileModel

// Nearly all bytes of a profile are its samples, so these loops are what encoding costs.
extension ProfileEncoder {
    /// Writes all samples. Whether a label uses the string `bytes` behind the end of the profile's string table.
    static func putSamples(of profile: Profile, to buffer: inout ProtoBuffer) -> Bool {
        let units = LabelUnits(profile)
        let samples = profile.samples
        let locations = samples.locations.span
        let values = samples.values.span
        let labels = samples.labels.span
        var usesBytes = false
        var locationStart = 0
        var labelStart = 0
        for position in samples.indices {
            let stack = locationStart..<samples.locationEnds[position]
            let labelRange = labelStart..<samples.labelEnds[position]
            let row = position * samples.valuesPerSample..<(position + 1) * samples.valuesPerSample
            locationStart = stack.upperBound
            labelStart = labelRange.upperBound

            var stackSize = 0
            for index in stack { stackSize &+= ProtoBuffer.size(varint: locations[index].wire) }
            var rowSize = 0
            for index in row { rowSize &+= ProtoBuffer.size(varint: UInt64(bitPattern: values[index])) }
            var size = packedSize(stackSize) + packedSize(rowSize)
            for index in labelRange { size += 2 + units.wireLabel(labels[index]).size }

            buffer.reserve(11 + size)
            buffer.put(byte: 2 << 3 | 2)
            buffer.put(varint: UInt64(size))
            if stackSize > 0 {
                buffer.put(byte: 1 << 3 | 2)
                buffer.put(varint: UInt64(stackSize))
                for index in stack { buffer.put(varint: locations[index].wire) }
            }
            if rowSize > 0 {
                buffer.put(byte: 2 << 3 | 2)
                buffer.put(varint: UInt64(rowSize))
                for index in row { buffer.put(varint: UInt64(bitPattern: values[index])) }
            }
            for index in labelRange {
                let label = units.wireLabel(labels[index])
                usesBytes = usesBytes || label.unit == units.appendedBytes
                buffer.put(byte: 3 << 3 | 2)
                buffer.put(byte: UInt8(label.size))
                buffer.put(field: 1, label.key)
                buffer.put(field: 2, label.string)
                buffer.put(field: 3, label.number)
                buffer.put(field: 4, label.unit)
            }
        }
        return usesBytes
    }

    private static func packedSize(_ content: Int) -> Int {
        content == 0 ? 0 : 1 + ProtoBuffer.size(varint: UInt64(content)) + content
    }
}

/// A label as the four numbers of the format.
private struct WireLabel {
    var key: UInt64
    var string: UInt64 = 0
    var number: UInt64 = 0
    var unit: UInt64 = 0

    /// At most 4 × 11 bytes, so that the length before it is one byte.
    var size: Int {
        ProtoBuffer.size(field: key) + ProtoBuffer.size(field: string) + ProtoBuffer.size(field: number)
            + ProtoBuffer.size(field: unit)
    }
}

/// Gives the number 0 a unit: a label without text, number and unit is dropped by readers.
///
/// The unit is the one that pprof would take in its place (google/pprof `profile/profile.go`, `NumLabelUnits`), so
/// nothing else changes: the first unit that a label of the key has; if none has one, `bytes` for `alignment` and
/// `request`, else the key itself.
private struct LabelUnits {
    /// The string `bytes` if it has to be appended to the table: its number there.
    let appendedBytes: UInt64

    private let bytes: UInt64
    private let byteKeys: [StringID]
    private var firstUnits: [StringID: StringID] = [:]

    init(_ profile: Profile) {
        byteKeys = ["alignment", "request"].compactMap { profile.strings.identifier(of: $0) }
        let known = profile.strings.identifier(of: "bytes")?.wire
        bytes = known ?? UInt64(profile.strings.count)
        appendedBytes = known == nil ? bytes : .max
        let labels = profile.samples.labels
        guard labels.contains(where: { $0.value == .number(0, unit: .empty) }) else { return }
        for label in labels {
            guard case .number(_, let unit) = label.value, !unit.isEmpty, firstUnits[label.key] == nil else { continue }
            firstUnits[label.key] = unit
        }
    }

    func wireLabel(_ label: Label) -> WireLabel {
        switch label.value {
        case .string(let text):
            return WireLabel(key: label.key.wire, string: text.wire)
        case .number(0, .empty):
            let fallback = byteKeys.contains(label.key) ? bytes : label.key.wire
            return WireLabel(key: label.key.wire, unit: firstUnits[label.key]?.wire ?? fallback)
        case .number(let number, let unit):
            return WireLabel(key: label.key.wire, number: UInt64(bitPattern: number), unit: unit.wire)
        }
    }
}

extension LocationIndex {
    /// The id that stands for the location in a file.
    @inline(__always)
    fileprivate var wire: UInt64 { UInt64(rawValue) &+ 1 }
}
