/// The readable form of a Rust v0 name (`_RNvCs1234_7mycrate4main`), without crate hashes; nil if `name` is not a valid one.
///
/// RFC 2603 and the rustc book's "v0 Symbol Format", all productions; the text follows the conventions of Rust's own
/// backtraces. Memory-safe and bounded, so it may run anywhere.
func demangleRust(_ name: Span<UInt8>) -> String? {
    var demangler = RustDemangler(name)
    return try? demangler.demangle()
}

/// Why a name is not a Rust v0 name, or is more than ``DemanglingLimits`` allow.
enum RustDemanglingError: Error {
    case invalid, tooLarge
}

/// One walk over a Rust v0 name that writes its readable form as it goes.
///
/// The three kinds of productions that refer to each other, paths, types and constants, are in an extension each.
struct RustDemangler: ~Escapable {
    /// The name behind its prefix `_R`: what back-references count in.
    let name: Span<UInt8>
    var position = 0
    var output: [UInt8] = []
    /// Above zero inside parts that are read for their length only; back-references are not followed there.
    var silence = 0
    /// How many lifetimes `for<…>` has bound around the position.
    var boundLifetimes: UInt64 = 0
    private var depth = 0
    private var steps = 0

    @_lifetime(copy name)
    init(_ name: Span<UInt8>) {
        let start = name[1] == UInt8(ascii: "_") ? 3 : 2
        self.name = name.extracting(start..<name.count)
        // Back-references make it longer than the name; most fit, and growing would copy it again and again.
        output.reserveCapacity(2 * name.count)
    }

    /// The whole name: a path, the crate that instantiated it, and a vendor's suffix; only the first is shown.
    @_lifetime(self: copy self)
    mutating func demangle() throws(RustDemanglingError) -> String {
        // An encoding version would be a number here; there is none but the first, which has no number.
        guard let first = peek(), (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first) else { throw .invalid }
        try path(inValue: true)
        if let next = peek(), (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(next) {
            silence += 1
            try path(inValue: false)
            silence -= 1
        }
        if let next = peek(), next != UInt8(ascii: "."), next != UInt8(ascii: "$") { throw .invalid }
        return String(decoding: output, as: UTF8.self)
    }

    // MARK: Output

    mutating func write(_ text: StaticString) throws(RustDemanglingError) {
        guard silence == 0 else { return }
        unsafe output.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        try checkOutput()
    }

    mutating func write(_ text: String) throws(RustDemanglingError) {
        guard silence == 0 else { return }
        output.append(contentsOf: text.utf8)
        try checkOutput()
    }

    mutating func write(bytes range: Range<Int>) throws(RustDemanglingError) {
        guard silence == 0 else { return }
        unsafe name.extracting(range).withUnsafeBufferPointer { unsafe output.append(contentsOf: $0) }
        try checkOutput()
    }

    private func checkOutput() throws(RustDemanglingError) {
        guard output.count <= DemanglingLimits.outputByteCount else { throw .tooLarge }
    }

    // MARK: Input

    func peek() -> UInt8? {
        position < name.count ? name[position] : nil
    }

    mutating func next() throws(RustDemanglingError) -> UInt8 {
        guard position < name.count else { throw .invalid }
        position += 1
        return name[position - 1]
    }

    mutating func eat(_ tag: Unicode.Scalar) -> Bool {
        guard position < name.count, name[position] == UInt8(ascii: tag) else { return false }
        position += 1
        return true
    }

    /// `base-62-number`: `_` is 0, otherwise the digits `0-9a-zA-Z` give the number less one.
    mutating func number62() throws(RustDemanglingError) -> UInt64 {
        if eat("_") { return 0 }
        var value: UInt64 = 0
        while !eat("_") {
            let byte = try next()
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "z"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit = byte - UInt8(ascii: "A") + 36
            default: throw .invalid
            }
            let (product, overflow) = value.multipliedReportingOverflow(by: 62)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
            if overflow || carry { throw .invalid }
            value = sum
        }
        return try plusOne(value)
    }

    /// A number behind `tag`, plus one; 0 where the tag is missing.
    mutating func optionalNumber62(_ tag: Unicode.Scalar) throws(RustDemanglingError) -> UInt64 {
        guard eat(tag) else { return 0 }
        return try plusOne(number62())
    }

    private func plusOne(_ value: UInt64) throws(RustDemanglingError) -> UInt64 {
        guard value < .max else { throw .invalid }
        return value + 1
    }

    /// An identifier: an optional mark of Punycode, its length in bytes, and a separator where it starts like a digit.
    mutating func identifier() throws(RustDemanglingError) -> RustIdentifier {
        let isPunycode = eat("u")
        var length = 0
        guard let first = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { throw .invalid }
        if !eat("0") {
            while let byte = peek(), case let digit = byte &- UInt8(ascii: "0"), digit < 10 {
                length = length * 10 + Int(digit)
                guard length <= name.count else { throw .invalid }
                position += 1
            }
        }
        _ = eat("_")
        guard length <= name.count - position else { throw .invalid }
        let range = position..<(position + length)
        position += length
        guard isPunycode else { return RustIdentifier(ascii: range, punycode: nil) }
        // The last underscore parts the plain characters from the encoded ones.
        var split = range.upperBound - 1
        while split >= range.lowerBound, name[split] != UInt8(ascii: "_") { split -= 1 }
        let encoded = (max(split, range.lowerBound - 1) + 1)..<range.upperBound
        guard !encoded.isEmpty else { throw .invalid }
        let plain = range.lowerBound..<max(split, range.lowerBound)
        return RustIdentifier(ascii: plain, punycode: encoded)
    }

    /// Writes an identifier, Punycode decoded.
    mutating func write(_ identifier: RustIdentifier) throws(RustDemanglingError) {
        guard silence == 0 else { return }
        guard let punycode = identifier.punycode else { return try write(bytes: identifier.ascii) }
        if let decoded = decodePunycode(name.extracting(punycode), insertingInto: name.extracting(identifier.ascii)) {
            return try write(decoded)
        }
        try write("punycode{")
        if !identifier.ascii.isEmpty {
            try write(bytes: identifier.ascii)
            try write("-")
        }
        try write(bytes: punycode)
        try write("}")
    }

    // MARK: Structure

    /// Counts one production more; `leave()` ends it.
    mutating func enter() throws(RustDemanglingError) {
        depth += 1
        steps += 1
        guard depth <= DemanglingLimits.depth, steps <= DemanglingLimits.stepCount else { throw .tooLarge }
    }

    mutating func leave() {
        depth -= 1
    }

    /// The place that a back-reference, whose tag `B` has been read, names: before the tag, so that no loop is possible.
    mutating func backReference() throws(RustDemanglingError) -> Int {
        let tag = position - 1
        guard let target = Int(exactly: try number62()), target < tag else { throw .invalid }
        return target
    }

    /// Writes the lifetime that the de Bruijn index names: `'a` is the outermost that a `for<…>` around it bound.
    mutating func lifetime(_ index: UInt64) throws(RustDemanglingError) {
        // Binders are not counted in silence.
        guard silence == 0 else { return }
        try write("'")
        if index == 0 { return try write("_") }
        guard index <= boundLifetimes else { throw .invalid }
        let fromOutside = boundLifetimes - index
        if fromOutside < 26 {
            output.append(UInt8(ascii: "a") + UInt8(fromOutside))
        } else {
            try write("_")
            try write(String(fromOutside))
        }
    }
}

/// Where an identifier's bytes are in a name.
struct RustIdentifier {
    /// The plain characters.
    let ascii: Range<Int>
    /// The encoded other characters and their places, if there are any.
    let punycode: Range<Int>?

    var isEmpty: Bool { ascii.isEmpty && punycode == nil }
}
