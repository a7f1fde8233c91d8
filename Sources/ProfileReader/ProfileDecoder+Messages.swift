import Primitives
import ProfileModel

// The messages of which a profile has many. Field numbers: google/pprof `proto/profile.proto`.
extension ProfileDecoder {
    // MARK: - Mappings and functions

    mutating func readTables(_ bytes: RawSpan) throws(MalformedMessage) {
        var fields = ProtoFields(bytes, 0..<bytes.byteCount)
        while let field = try fields.next() {
            switch field.number {
            case 3: try readMapping(bytes, field.contents())
            case 5: try readFunction(bytes, field.contents())
            default: break
            }
        }
        mappingIDs.finish()
        functionIDs.finish()
    }

    private mutating func readMapping(_ bytes: RawSpan, _ range: Range<Int>) throws(MalformedMessage) {
        var id: UInt64 = 0
        var mapping = Mapping(
            start: Address(0), limit: Address(0), fileOffset: FileOffset(0), filename: .empty, buildID: .empty)
        var fields = ProtoFields(bytes, range)
        while let field = try fields.next() {
            switch field.number {
            case 1: id = try field.varint()
            case 2: mapping.start = Address(try field.varint())
            case 3: mapping.limit = Address(try field.varint())
            case 4: mapping.fileOffset = FileOffset(try field.varint())
            case 5: mapping.filename = try string(field.varint())
            case 6: mapping.buildID = try string(field.varint())
            case 7: mapping.hasFunctions = try field.varint() != 0
            case 8: mapping.hasFilenames = try field.varint() != 0
            case 9: mapping.hasLineNumbers = try field.varint() != 0
            case 10: mapping.hasInlineFrames = try field.varint() != 0
            default: break
            }
        }
        if mappingProblem != nil { return }
        if id == 0 {
            mappingProblem = .mappingWithoutID
        } else if mappingIDs.add(id) {
            profile.mappings.append(mapping)
        } else {
            mappingProblem = .duplicateMapping(id)
        }
    }

    private mutating func readFunction(_ bytes: RawSpan, _ range: Range<Int>) throws(MalformedMessage) {
        var id: UInt64 = 0
        var function = Function(name: .empty, systemName: .empty)
        var fields = ProtoFields(bytes, range)
        while let field = try fields.next() {
            switch field.number {
            case 1: id = try field.varint()
            case 2: function.name = try string(field.varint())
            case 3: function.systemName = try string(field.varint())
            case 4: function.filename = try string(field.varint())
            case 5: function.startLine = try field.signed()
            default: break
            }
        }
        if functionProblem != nil { return }
        if id == 0 {
            functionProblem = .functionWithoutID
        } else if functionIDs.add(id) {
            profile.functions.append(function)
        } else {
            functionProblem = .duplicateFunction(id)
        }
    }

    // MARK: - Locations

    mutating func readLocations(_ bytes: RawSpan) throws(MalformedMessage) {
        var fields = ProtoFields(bytes, 0..<bytes.byteCount)
        while let field = try fields.next() {
            if field.number == 4 { try readLocation(bytes, field.contents()) }
        }
        locationIDs.finish()
    }

    private mutating func readLocation(_ bytes: RawSpan, _ range: Range<Int>) throws(MalformedMessage) {
        var id: UInt64 = 0
        var hasUnknownFunction = false
        var location = Location(mapping: nil, address: Address(0))
        var fields = ProtoFields(bytes, range)
        while let field = try fields.next() {
            switch field.number {
            case 1:
                id = try field.varint()
            case 2:
                // pprof takes an unknown mapping for none.
                location.mapping = mappingIDs.position(of: try field.varint()).map(MappingIndex.init)
            case 3:
                location.address = Address(try field.varint())
            case 4:
                if let line = try line(bytes, field.contents()) {
                    location.lines.append(line)
                } else {
                    hasUnknownFunction = true
                }
            case 5:
                location.isFolded = try field.varint() != 0
            default:
                break
            }
        }
        if locationProblem != nil { return }
        if id == 0 {
            locationProblem = .locationWithoutID
        } else if !locationIDs.add(id) {
            locationProblem = .duplicateLocation(id)
        } else if hasUnknownFunction {
            locationProblem = .unknownFunction(location: id)
        } else {
            profile.locations.append(location)
        }
    }

    /// Nil if its function does not exist.
    private func line(_ bytes: RawSpan, _ range: Range<Int>) throws(MalformedMessage) -> Line? {
        var function: UInt64 = 0
        var line: Int64 = 0
        var column: Int64 = 0
        var fields = ProtoFields(bytes, range)
        while let field = try fields.next() {
            switch field.number {
            case 1: function = try field.varint()
            case 2: line = try field.signed()
            case 3: column = try field.signed()
            default: break
            }
        }
        guard let position = functionIDs.position(of: function) else { return nil }
        return Line(function: FunctionIndex(rawValue: position), line: line, column: column)
    }
}
