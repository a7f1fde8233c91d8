import Primitives

/// Bytes that are no protocol buffer, or one with another type than expected for a field.
struct MalformedMessage: Error {}

/// A field as it stands in a message.
struct ProtoField {
    var number: UInt64
    var wireType: UInt8
    /// The number of a field of wire type 0, 1 or 5.
    var value: UInt64
    /// Where the contents of a field of wire type 2 lie.
    var range: Range<Int>

    /// The value of a field that has to be a varint.
    @inline(__always)
    func varint() throws(MalformedMessage) -> UInt64 {
        guard wireType == 0 else { throw MalformedMessage() }
        return value
    }

    /// The value of a field that has to be a signed varint.
    @inline(__always)
    func signed() throws(MalformedMessage) -> Int64 {
        Int64(bitPattern: try varint())
    }

    /// The place of a field that has to be a string or a message.
    @inline(__always)
    func contents() throws(MalformedMessage) -> Range<Int> {
        guard wireType == 2 else { throw MalformedMessage() }
        return range
    }
}

/// A cursor over the fields of a message, checked like pprof's own (google/pprof `profile/proto.go`): varints of at most
/// ten bytes, lengths within the message, and no wire types but 0, 1, 2 and 5.
struct ProtoFields: ~Escapable {
    let bytes: RawSpan
    fileprivate var position: Int
    fileprivate let end: Int

    /// The fields of the message at `range`, which lies within `bytes`.
    @_lifetime(copy bytes)
    init(_ bytes: RawSpan, _ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.byteCount)
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    /// The next field, or nil at the end of the message.
    @inline(__always)
    @_lifetime(self: copy self)
    mutating func next() throws(MalformedMessage) -> ProtoField? {
        if position == end { return nil }
        let tag = try varint()
        var field = ProtoField(number: tag >> 3, wireType: UInt8(tag & 7), value: 0, range: 0..<0)
        switch field.wireType {
        case 0:
            field.value = try varint()
        case 1, 5:
            // No field of a profile has these types; their contents are skipped.
            let size = field.wireType == 1 ? 8 : 4
            guard size <= end - position else { throw MalformedMessage() }
            position += size
        case 2:
            let size = try varint()
            guard size <= UInt64(end - position) else { throw MalformedMessage() }
            field.range = position..<(position + Int(size))
            position = field.range.upperBound
        default:
            throw MalformedMessage()
        }
        return field
    }

    @inline(__always)
    @_lifetime(self: copy self)
    fileprivate mutating func varint() throws(MalformedMessage) -> UInt64 {
        var result: UInt64 = 0
        var shift: UInt64 = 0
        while position < end, shift < 70 {
            // In bounds: `end` is within the bytes, as the initializer checked.
            let byte = unsafe bytes.unsafeLoad(fromUncheckedByteOffset: position, as: UInt8.self)
            position &+= 1
            result |= UInt64(byte & 0x7f) << shift
            if byte & 0x80 == 0 { return result }
            shift &+= 7
        }
        throw MalformedMessage()
    }
}

/// The numbers of a repeated field: one, or any number packed into one field.
struct ProtoNumbers: ~Escapable {
    private var packed: ProtoFields
    /// The number of a field that is not packed, until it was given out.
    private var single: UInt64?

    /// The numbers of `field`, which is a field of `bytes`.
    @inline(__always)
    @_lifetime(copy bytes)
    init(_ bytes: RawSpan, _ field: ProtoField) throws(MalformedMessage) {
        if field.wireType == 2 {
            packed = ProtoFields(bytes, field.range)
        } else {
            packed = ProtoFields(bytes, 0..<0)
            single = try field.varint()
        }
    }

    /// How many there are, if they are well-formed; O(bytes), a fraction of what decoding them costs.
    var count: Int {
        if single != nil { return 1 }
        var count = 0
        for offset in packed.position..<packed.end {
            // In bounds, as the initializer of `ProtoFields` checked. The last byte of a number has no high bit.
            let byte = unsafe packed.bytes.unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
            count &+= Int(~byte >> 7)
        }
        return count
    }

    /// The next number, or nil at the end.
    @inline(__always)
    @_lifetime(self: copy self)
    mutating func next() throws(MalformedMessage) -> UInt64? {
        if packed.position < packed.end { return try packed.varint() }
        defer { single = nil }
        return single
    }
}
