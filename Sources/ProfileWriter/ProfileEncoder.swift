import Primitives
public import ProfileModel

/// Writes a `Profile` as the bytes of a profile.proto message.
///
/// Fields come in the order of their numbers, zero fields are left out, repeated numbers are packed. The same profile
/// gives the same bytes. Field numbers: github.com/google/pprof `proto/profile.proto`.
public enum ProfileEncoder {
    /// The serialized message, not compressed. O(size of the profile).
    ///
    /// Throws the rule of pprof that the profile breaks, if any.
    public static func encode(_ profile: Profile) throws(ProfileError) -> [UInt8] {
        let buffer = try encodedBuffer(profile)
        return [UInt8](copying: buffer.bytes)
    }

    static func encodedBuffer(_ profile: Profile) throws(ProfileError) -> ProtoBuffer {
        try profile.checkValid(.pprof)
        // A packed location takes 1 to 3 bytes; growing doubles what this guesses wrong.
        var buffer = ProtoBuffer(capacity: profile.samples.locations.count * 2 + profile.samples.count * 32 + 65_536)
        for type in profile.sampleTypes { put(type, field: 1, to: &buffer) }
        let needsBytesUnit = putSamples(of: profile, to: &buffer)
        for (index, mapping) in profile.mappings.enumerated() {
            put(mapping, id: UInt64(index) + 1, to: &buffer)
        }
        for (index, location) in profile.locations.enumerated() {
            put(location, id: UInt64(index) + 1, to: &buffer)
        }
        for (index, function) in profile.functions.enumerated() {
            put(function, id: UInt64(index) + 1, to: &buffer)
        }
        for string in profile.strings.strings { put(string, to: &buffer) }
        if needsBytesUnit { put("bytes", to: &buffer) }
        buffer.put(field: 7, profile.dropFrames.wire)
        buffer.put(field: 8, profile.keepFrames.wire)
        buffer.put(field: 9, UInt64(bitPattern: profile.timeNanoseconds))
        buffer.put(field: 10, UInt64(bitPattern: profile.durationNanoseconds))
        if let periodType = profile.periodType { put(periodType, field: 11, to: &buffer) }
        buffer.put(field: 12, UInt64(bitPattern: profile.period))
        // An empty comment is kept, so that what was read is what is written.
        for comment in profile.comments {
            buffer.reserve(12)
            buffer.put(byte: 13 << 3)
            buffer.put(varint: comment.wire)
        }
        buffer.put(field: 14, profile.defaultSampleType.wire)
        buffer.put(field: 15, profile.docURL.wire)
        return buffer
    }

    private static func put(_ type: ValueType, field: UInt8, to buffer: inout ProtoBuffer) {
        buffer.reserve(32)
        buffer.put(byte: field << 3 | 2)
        buffer.put(byte: UInt8(ProtoBuffer.size(field: type.type.wire) + ProtoBuffer.size(field: type.unit.wire)))
        buffer.put(field: 1, type.type.wire)
        buffer.put(field: 2, type.unit.wire)
    }

    private static func put(_ string: String, to buffer: inout ProtoBuffer) {
        var string = string
        // A Swift string is valid UTF-8 always, which is what proto3 asks of a `string` field.
        string.withUTF8 { text in
            buffer.put(field: 6, bytes: unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(text)))
        }
    }

    private static func put(_ mapping: Mapping, id: UInt64, to buffer: inout ProtoBuffer) {
        var size = ProtoBuffer.size(field: id)
        size += ProtoBuffer.size(field: mapping.start.value)
        size += ProtoBuffer.size(field: mapping.limit.value)
        size += ProtoBuffer.size(field: mapping.fileOffset.value)
        size += ProtoBuffer.size(field: mapping.filename.wire)
        size += ProtoBuffer.size(field: mapping.buildID.wire)
        let flags = [
            mapping.hasFunctions, mapping.hasFilenames, mapping.hasLineNumbers, mapping.hasInlineFrames,
        ]
        for flag in flags where flag { size += 2 }
        buffer.reserve(2 + size)
        buffer.put(byte: 3 << 3 | 2)
        buffer.put(byte: UInt8(size))
        buffer.put(field: 1, id)
        buffer.put(field: 2, mapping.start.value)
        buffer.put(field: 3, mapping.limit.value)
        buffer.put(field: 4, mapping.fileOffset.value)
        buffer.put(field: 5, mapping.filename.wire)
        buffer.put(field: 6, mapping.buildID.wire)
        for (index, flag) in flags.enumerated() where flag { buffer.put(field: 7 + UInt8(index), 1) }
    }

    private static func put(_ location: Location, id: UInt64, to buffer: inout ProtoBuffer) {
        let mapping = location.mapping.map { UInt64($0.rawValue) + 1 } ?? 0
        var size = ProtoBuffer.size(field: id)
        size += ProtoBuffer.size(field: mapping)
        size += ProtoBuffer.size(field: location.address.value)
        for line in location.lines { size += 2 + lineSize(line) }
        if location.isFolded { size += 2 }
        buffer.reserve(11 + size)
        buffer.put(byte: 4 << 3 | 2)
        buffer.put(varint: UInt64(size))
        buffer.put(field: 1, id)
        buffer.put(field: 2, mapping)
        buffer.put(field: 3, location.address.value)
        for line in location.lines {
            buffer.reserve(2 + lineSize(line))
            buffer.put(byte: 4 << 3 | 2)
            buffer.put(byte: UInt8(lineSize(line)))
            buffer.put(field: 1, UInt64(line.function.rawValue) + 1)
            buffer.put(field: 2, UInt64(bitPattern: line.line))
            buffer.put(field: 3, UInt64(bitPattern: line.column))
        }
        if location.isFolded { buffer.put(field: 5, 1) }
    }

    /// At most 3 × 11 bytes, so that the length before it is one byte.
    private static func lineSize(_ line: Line) -> Int {
        ProtoBuffer.size(field: UInt64(line.function.rawValue) + 1)
            + ProtoBuffer.size(field: UInt64(bitPattern: line.line))
            + ProtoBuffer.size(field: UInt64(bitPattern: line.column))
    }

    private static func put(_ function: Function, id: UInt64, to buffer: inout ProtoBuffer) {
        var size = ProtoBuffer.size(field: id)
        size += ProtoBuffer.size(field: function.name.wire)
        size += ProtoBuffer.size(field: function.systemName.wire)
        size += ProtoBuffer.size(field: function.filename.wire)
        size += ProtoBuffer.size(field: UInt64(bitPattern: function.startLine))
        buffer.reserve(2 + size)
        buffer.put(byte: 5 << 3 | 2)
        buffer.put(byte: UInt8(size))
        buffer.put(field: 1, id)
        buffer.put(field: 2, function.name.wire)
        buffer.put(field: 3, function.systemName.wire)
        buffer.put(field: 4, function.filename.wire)
        buffer.put(field: 5, UInt64(bitPattern: function.startLine))
    }
}

extension StringID {
    /// The number that stands for the string in a file.
    @inline(__always)
    var wire: UInt64 { UInt64(rawValue) }
}
