import Primitives
import ProfileModel

/// Turns the bytes of a profile.proto message into a `Profile`.
///
/// Fields may come in any order, so the message is walked several times, each time for what later walks refer to:
/// strings, then mappings and functions, then locations, then samples. To walk over a field costs a few nanoseconds,
/// and nothing has to be kept for later.
struct ProfileDecoder: ~Copyable {
    var profile: Profile

    /// The identifiers of the file's strings, by their position in the file.
    let stringIDs: [StringID]

    /// What the values of samples are.
    var sampleTypes: [ValueType] = []

    var mappingIDs = IdentifierTable()
    var functionIDs = IdentifierTable()
    var locationIDs = IdentifierTable()

    // The first broken rule of each kind. They are reported after the whole message was seen to be well-formed, in
    // the order in which pprof checks: samples first.
    var mappingProblem: ProfileError?
    var functionProblem: ProfileError?
    var locationProblem: ProfileError?

    /// The profile in the message `bytes`.
    static func decode(_ bytes: RawSpan) throws(ProfileReadError) -> Profile {
        let result: Result<Profile, ProfileError>?
        do {
            result = try decodeMessage(bytes)
        } catch {
            throw .unrecognizedFormat
        }
        switch result {
        case .success(let profile)?: return profile
        case .failure(let problem)?: throw .malformed(problem)
        case nil: throw .concatenated
        }
    }

    /// The profile, the first rule that it breaks, or nil if there are several profiles.
    private static func decodeMessage(
        _ bytes: RawSpan
    ) throws(MalformedMessage) -> Result<Profile, ProfileError>? {
        guard let strings = try FileStrings(bytes) else { return nil }
        var decoder = ProfileDecoder(
            profile: Profile(strings: strings.table), stringIDs: strings.identifiers)
        try decoder.readHead(bytes)
        try decoder.readTables(bytes)
        try decoder.readLocations(bytes)
        let sampleProblem = try decoder.readSamples(bytes)
        let problem =
            sampleProblem ?? decoder.mappingProblem ?? decoder.functionProblem ?? decoder.locationProblem
        if let problem { return .failure(problem) }
        decoder.profile.fileIDs = FileIDs(
            locations: decoder.locationIDs.identifiers, mappings: decoder.mappingIDs.identifiers)
        return .success(decoder.profile)
    }

    private init(profile: Profile, stringIDs: [StringID]) {
        self.profile = profile
        self.stringIDs = stringIDs
    }

    /// The string at `position` of the file's table.
    func string(_ position: UInt64) throws(MalformedMessage) -> StringID {
        guard position < UInt64(stringIDs.count) else { throw MalformedMessage() }
        return stringIDs[Int(position)]
    }

    // MARK: - Everything that exists once

    private mutating func readHead(_ bytes: RawSpan) throws(MalformedMessage) {
        var sampleTypes: [ValueType] = []
        var comments: [UInt64] = []
        var fields = ProtoFields(bytes, 0..<bytes.byteCount)
        while let field = try fields.next() {
            switch field.number {
            case 1: sampleTypes.append(try valueType(bytes, field))
            case 7: profile.dropFrames = try string(field.varint())
            case 8: profile.keepFrames = try string(field.varint())
            case 9: profile.timeNanoseconds = try field.signed()
            case 10: profile.durationNanoseconds = try field.signed()
            case 11: profile.periodType = try valueType(bytes, field)
            case 12: profile.period = try field.signed()
            case 13:
                var numbers = try ProtoNumbers(bytes, field)
                while let comment = try numbers.next() { comments.append(comment) }
            case 14: profile.defaultSampleType = try string(field.varint())
            case 15: profile.docURL = try string(field.varint())
            default: break
            }
        }
        for comment in comments { profile.comments.append(try string(comment)) }
        self.sampleTypes = sampleTypes
    }

    private func valueType(_ bytes: RawSpan, _ field: ProtoField) throws(MalformedMessage) -> ValueType {
        var type: UInt64 = 0
        var unit: UInt64 = 0
        var fields = ProtoFields(bytes, try field.contents())
        while let field = try fields.next() {
            switch field.number {
            case 1: type = try field.varint()
            case 2: unit = try field.varint()
            default: break
            }
        }
        return ValueType(type: try string(type), unit: try string(unit))
    }
}

/// The string table of a file.
private struct FileStrings {
    /// Its distinct strings; invalid UTF-8 is replaced by U+FFFD.
    var table = StringTable()
    /// The identifiers in `table` of the file's strings, by their position in the file.
    var identifiers: [StringID] = []

    /// Nil if the message consists of several profiles: their times follow each other, and their tables cannot be told
    /// apart.
    init?(_ bytes: RawSpan) throws(MalformedMessage) {
        // A table that grows computes all hashes again, which takes longer than counting.
        var count = 0
        var counted = ProtoFields(bytes, 0..<bytes.byteCount)
        while let field = try counted.next() { count += field.number == 6 ? 1 : 0 }
        // But a file of nothing but empty strings is to take no memory for each.
        count = min(count, 1 << 20)
        table.reserveCapacity(count)
        identifiers.reserveCapacity(count)
        var time: Int64 = 0
        var fields = ProtoFields(bytes, 0..<bytes.byteCount)
        while let field = try fields.next() {
            switch field.number {
            case 6:
                let range = try field.contents()
                if identifiers.isEmpty, !range.isEmpty { throw MalformedMessage() }
                identifiers.append(table.intern(String(decodingBytes: bytes.extracting(range))))
            case 9:
                if time != 0 { return nil }
                time = try field.signed()
            default:
                break
            }
        }
        // The first string has to be the empty one, which everything that is not stated refers to.
        if identifiers.isEmpty { throw MalformedMessage() }
    }
}
