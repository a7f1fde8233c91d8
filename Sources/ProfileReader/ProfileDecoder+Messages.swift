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

    // MARK: - Samples

    mutating func readSamples(_ bytes: RawSpan) throws(MalformedMessage) {
        var fields = ProtoFields(bytes, 0..<bytes.byteCount)
        while let field = try fields.next() {
            if field.number == 2 { try readSample(bytes, field.contents()) }
        }
    }

    private mutating func readSample(_ bytes: RawSpan, _ range: Range<Int>) throws(MalformedMessage) {
        ids.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        labels.removeAll(keepingCapacity: true)
        var fields = ProtoFields(bytes, range)
        while let field = try fields.next() {
            switch field.number {
            case 1: try field.appendNumbers(of: bytes, to: &ids)
            case 2: try field.appendNumbers(of: bytes, to: &values)
            case 3: if let label = try label(bytes, field.contents()) { labels.append(label) }
            default: break
            }
        }
        if sampleProblem != nil { return }
        let typeCount = profile.samples.valuesPerSample
        if typeCount == 0 {
            sampleProblem = .missingSampleTypes
            return
        }
        guard values.count == typeCount else {
            sampleProblem = .valueCountMismatch(values: values.count, types: typeCount)
            return
        }
        stack.removeAll(keepingCapacity: true)
        for id in ids {
            guard let position = locationIDs.position(of: id) else {
                sampleProblem = .unknownLocation
                return
            }
            stack.append(LocationIndex(rawValue: position))
        }
        row.removeAll(keepingCapacity: true)
        for value in values { row.append(Int64(bitPattern: value)) }
        profile.addSample(locations: stack, values: row, labels: labels)
    }

    /// Nil for a label that says nothing. Of a label with both text and number, pprof takes the text.
    private func label(_ bytes: RawSpan, _ range: Range<Int>) throws(MalformedMessage) -> Label? {
        var key: UInt64 = 0
        var text: UInt64 = 0
        var number: Int64 = 0
        var unit: UInt64 = 0
        var fields = ProtoFields(bytes, range)
        while let field = try fields.next() {
            switch field.number {
            case 1: key = try field.varint()
            case 2: text = try field.varint()
            case 3: number = try field.signed()
            case 4: unit = try field.varint()
            default: break
            }
        }
        let keyID = try string(key)
        if text != 0 { return Label(key: keyID, string: try string(text)) }
        if number == 0, unit == 0 { return nil }
        return Label(key: keyID, number: number, unit: try string(unit))
    }
}
