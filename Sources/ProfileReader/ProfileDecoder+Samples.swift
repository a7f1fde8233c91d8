import Primitives
import ProfileModel

// Nearly all bytes of a profile are its samples. They are walked three times, each time for one of the flat arrays of
// `SampleTable`, which get their final size at once: what a walk costs is less than what growing arrays do, and the
// profile takes no more memory than it needs.
extension ProfileDecoder {
    /// Decodes all samples into the profile. The first rule that a sample breaks.
    mutating func readSamples(_ bytes: RawSpan) throws(MalformedMessage) -> ProfileError? {
        let sizes = try SampleSizes(bytes, valuesPerSample: sampleTypes.count)
        if sizes.sampleCount > 0, sampleTypes.isEmpty || sizes.mismatch != nil {
            // Nothing is kept of them, so that a small file of nothing but empty samples takes no memory; but what is
            // no protocol buffer at all has to be found first.
            let unknown = try checkSamples(bytes)
            if sampleTypes.isEmpty { return .missingSampleTypes }
            if let (position, count) = sizes.mismatch, position <= unknown ?? .max {
                return .valueCountMismatch(values: count, types: sampleTypes.count)
            }
            return .unknownLocation
        }
        let (locations, locationEnds, hasUnknown) = try readStacks(bytes, sizes)
        let values = try readValues(bytes, sizes)
        let (labels, labelEnds) = try readLabels(bytes, sizes)
        if hasUnknown { return .unknownLocation }
        profile.replaceSamples(
            types: sampleTypes,
            samples: SampleTable(
                valuesPerSample: sampleTypes.count, locations: locations, locationEnds: locationEnds, values: values,
                labels: labels, labelEnds: labelEnds))
        return nil
    }

    /// Walks over the contents of all samples. The position of the first with a location that does not exist.
    private func checkSamples(_ bytes: RawSpan) throws(MalformedMessage) -> Int? {
        var firstUnknown: Int?
        var position = 0
        var messages = ProtoFields(bytes, 0..<bytes.byteCount)
        while let message = try messages.next() {
            if message.number != 2 { continue }
            var fields = ProtoFields(bytes, try message.contents())
            while let field = try fields.next() {
                switch field.number {
                case 1, 2:
                    var numbers = try ProtoNumbers(bytes, field)
                    while let number = try numbers.next() {
                        guard field.number == 1, firstUnknown == nil else { continue }
                        if locationIDs.position(of: number) == nil { firstUnknown = position }
                    }
                case 3: _ = try label(bytes, field.contents())
                default: break
                }
            }
            position += 1
        }
        return firstUnknown
    }

    /// The stacks, and whether one has a location that does not exist.
    private func readStacks(
        _ bytes: RawSpan, _ sizes: SampleSizes
    ) throws(MalformedMessage) -> (locations: [LocationIndex], ends: [Int], hasUnknown: Bool) {
        var locations = [LocationIndex](repeating: LocationIndex(rawValue: 0), count: sizes.locationCount)
        var ends = [Int](repeating: 0, count: sizes.sampleCount)
        var stacks = locations.mutableSpan
        var stackEnds = ends.mutableSpan
        let identifiers = locationIDs
        var hasUnknown = false
        var position = 0
        var filled = 0
        var messages = ProtoFields(bytes, 0..<bytes.byteCount)
        while let message = try messages.next() {
            if message.number != 2 { continue }
            var fields = ProtoFields(bytes, try message.contents())
            while let field = try fields.next() {
                if field.number != 1 { continue }
                var numbers = try ProtoNumbers(bytes, field)
                while let id = try numbers.next() {
                    if let index = identifiers.position(of: id) {
                        stacks[filled] = LocationIndex(rawValue: index)
                    } else {
                        hasUnknown = true
                    }
                    filled += 1
                }
            }
            stackEnds[position] = filled
            position += 1
        }
        return (locations, ends, hasUnknown)
    }

    /// The values; all samples have as many as there are types.
    private func readValues(_ bytes: RawSpan, _ sizes: SampleSizes) throws(MalformedMessage) -> [Int64] {
        var values = [Int64](repeating: 0, count: sizes.sampleCount * sampleTypes.count)
        var rows = values.mutableSpan
        var filled = 0
        var messages = ProtoFields(bytes, 0..<bytes.byteCount)
        while let message = try messages.next() {
            if message.number != 2 { continue }
            var fields = ProtoFields(bytes, try message.contents())
            while let field = try fields.next() {
                if field.number != 2 { continue }
                var numbers = try ProtoNumbers(bytes, field)
                while let value = try numbers.next() {
                    rows[filled] = Int64(bitPattern: value)
                    filled += 1
                }
            }
        }
        return values
    }

    private func readLabels(
        _ bytes: RawSpan, _ sizes: SampleSizes
    ) throws(MalformedMessage) -> (labels: [Label], ends: [Int]) {
        var labels: [Label] = []
        // A label that says something takes four bytes or more.
        labels.reserveCapacity(min(sizes.labelCount, bytes.byteCount / 4))
        if sizes.labelCount == 0 { return (labels, Array(repeating: 0, count: sizes.sampleCount)) }
        var ends: [Int] = []
        ends.reserveCapacity(sizes.sampleCount)
        var messages = ProtoFields(bytes, 0..<bytes.byteCount)
        while let message = try messages.next() {
            if message.number != 2 { continue }
            var fields = ProtoFields(bytes, try message.contents())
            while let field = try fields.next() {
                if field.number != 3 { continue }
                if let label = try label(bytes, field.contents()) { labels.append(label) }
            }
            ends.append(labels.count)
        }
        return (labels, ends)
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

/// How much there is in the samples of a message.
private struct SampleSizes {
    var sampleCount = 0
    var locationCount = 0
    var labelCount = 0
    /// The position of the first sample that has another number of values than there are types, and that number.
    var mismatch: (position: Int, count: Int)?

    init(_ bytes: RawSpan, valuesPerSample: Int) throws(MalformedMessage) {
        var messages = ProtoFields(bytes, 0..<bytes.byteCount)
        while let message = try messages.next() {
            if message.number != 2 { continue }
            var valueCount = 0
            var fields = ProtoFields(bytes, try message.contents())
            while let field = try fields.next() {
                switch field.number {
                case 1: locationCount += try ProtoNumbers(bytes, field).count
                case 2: valueCount += try ProtoNumbers(bytes, field).count
                case 3: labelCount += 1
                default: break
                }
            }
            if valueCount != valuesPerSample, mismatch == nil { mismatch = (sampleCount, valueCount) }
            sampleCount += 1
        }
    }
}
