import ProfileModel

/// Collects samples and adds up those with the same stack and the same labels.
///
/// Equal samples are found by open addressing over the flat arrays that become the table, so that a sample costs no
/// allocation: about 200 ns for 40 frames. The arrays are those of the first profile, whose samples move up in them: a million
/// stacks are 216 MB.
struct SampleMerger {
    private let valuesPerSample: Int
    private var locations: [LocationIndex] = []
    private var locationEnds: [Int] = []
    private var values: [Int64] = []
    private var labels: [Label] = []
    private var labelEnds: [Int] = []
    /// How much of the arrays is filled. Behind that are samples of the first profile that are still to be read.
    private var sampleCount = 0
    private var locationCount = 0
    private var labelCount = 0
    /// How many locations there may be in all.
    private var expectedLocationCount = 0

    // The sample that is being made.
    private var stack: [LocationIndex] = []
    private var stackLabels: [Label] = []

    /// By sample, its hash.
    private var hashes: [UInt64] = []
    /// Positions of samples plus 1, or 0; the size is a power of two and at least twice the number of samples.
    private var slots = [UInt32](repeating: 0, count: 1024)
    /// Another one each time, so that nobody can make a profile whose samples all have the same hash.
    private let multiplier = UInt64.random(in: 0 ... .max) | 1

    init(valuesPerSample: Int) {
        self.valuesPerSample = valuesPerSample
    }

    /// Expects stacks of `locationCount` locations in all, so that growing does not need the memory of the stacks twice. It is
    /// taken when there are more than the first profile has.
    mutating func reserve(locationCount: Int) {
        expectedLocationCount = locationCount
    }

    /// Adds all samples that have a value.
    ///
    /// - Parameters:
    ///   - source: A table's arrays. The first one's are taken, and changed in place if nobody else holds them.
    ///   - location: What a location of the table is in the result.
    ///   - label: What a label is.
    mutating func add(
        _ source: inout SampleTable.Parts, location: (LocationIndex) -> LocationIndex, label: (Label) -> Label
    ) {
        let isFirst = locationEnds.isEmpty
        // In place, if nobody else holds them.
        if isFirst {
            swap(&source.locations, &locations)
            swap(&source.locationEnds, &locationEnds)
            swap(&source.values, &values)
            swap(&source.labels, &labels)
            swap(&source.labelEnds, &labelEnds)
        }
        var (start, labelStart) = (0, 0)
        var row = [Int64](repeating: 0, count: valuesPerSample)
        for position in 0..<(isFirst ? locationEnds.count : source.locationEnds.count) {
            let end = isFirst ? locationEnds[position] : source.locationEnds[position]
            let labelEnd = isFirst ? labelEnds[position] : source.labelEnds[position]
            defer { (start, labelStart) = (end, labelEnd) }
            for offset in row.indices {
                let place = position * valuesPerSample + offset
                row[offset] = isFirst ? values[place] : source.values[place]
            }
            if row.allSatisfy({ $0 == 0 }) { continue }
            for offset in start..<end { stack.append(location(isFirst ? locations[offset] : source.locations[offset])) }
            for offset in labelStart..<labelEnd {
                insert(label(isFirst ? labels[offset] : source.labels[offset]))
            }
            endSample(row)
        }
        removeRest()
    }

    /// Adds a label to the sample that is being made.
    private mutating func insert(_ label: Label) {
        // Only the order of labels with the same key means something.
        var position = stackLabels.count
        stackLabels.append(label)
        while position > 0, comes(label, before: stackLabels[position - 1]) {
            stackLabels[position] = stackLabels[position - 1]
            position -= 1
        }
        stackLabels[position] = label
    }

    /// Ends the sample that is being made.
    private mutating func endSample(_ row: [Int64]) {
        defer {
            stack.removeAll(keepingCapacity: true)
            stackLabels.removeAll(keepingCapacity: true)
        }
        let hash = hash()
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] != 0 {
            let position = Int(slots[slot]) - 1
            if hashes[position] == hash, isEqual(position) {
                for offset in row.indices { values[position * valuesPerSample + offset] &+= row[offset] }
                return
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        if locationCount == locations.count { locations.reserveCapacity(expectedLocationCount) }
        for location in stack {
            Self.put(location, into: &locations, at: locationCount)
            locationCount += 1
        }
        for label in stackLabels {
            Self.put(label, into: &labels, at: labelCount)
            labelCount += 1
        }
        for offset in row.indices {
            Self.put(row[offset], into: &values, at: sampleCount * valuesPerSample + offset)
        }
        Self.put(locationCount, into: &locationEnds, at: sampleCount)
        Self.put(labelCount, into: &labelEnds, at: sampleCount)
        sampleCount += 1
        hashes.append(hash)
        slots[slot] = UInt32(hashes.count)
        if hashes.count * 2 > slots.count { grow() }
    }

    @inline(__always)
    private static func put<Element>(_ element: Element, into array: inout [Element], at position: Int) {
        if position < array.count { array[position] = element } else { array.append(element) }
    }

    /// Removes what is behind the filled part of the arrays.
    private mutating func removeRest() {
        locations.removeLast(locations.count - locationCount)
        locationEnds.removeLast(locationEnds.count - sampleCount)
        values.removeLast(values.count - sampleCount * valuesPerSample)
        labels.removeLast(labels.count - labelCount)
        labelEnds.removeLast(labelEnds.count - sampleCount)
    }

    /// All samples.
    consuming func table() -> SampleTable {
        SampleTable(
            valuesPerSample: valuesPerSample, locations: locations, locationEnds: locationEnds, values: values,
            labels: labels, labelEnds: labelEnds)
    }

    private func comes(_ label: Label, before other: Label) -> Bool {
        if label.isText != other.isText { return label.isText }
        return label.key.rawValue < other.key.rawValue
    }

    /// The hash of the sample that is being made.
    private func hash() -> UInt64 {
        var hash = multiplier
        for location in stack { mix(UInt64(location.rawValue), into: &hash) }
        for label in stackLabels {
            mix(UInt64(label.key.rawValue) | 1 << 32, into: &hash)
            switch label.value {
            case .string(let text): mix(UInt64(text.rawValue), into: &hash)
            case .number(let number, let unit):
                mix(UInt64(bitPattern: number), into: &hash)
                mix(UInt64(unit.rawValue), into: &hash)
            }
        }
        return hash
    }

    private func mix(_ number: UInt64, into hash: inout UInt64) {
        hash = (hash ^ number) &* multiplier
        hash ^= hash >> 29
    }

    /// Whether the sample at `position` has the stack and labels of the one that is being made.
    private func isEqual(_ position: Int) -> Bool {
        let other = (position == 0 ? 0 : locationEnds[position - 1])..<locationEnds[position]
        let otherLabels = (position == 0 ? 0 : labelEnds[position - 1])..<labelEnds[position]
        return locations[other].elementsEqual(stack) && labels[otherLabels].elementsEqual(stackLabels)
    }

    private mutating func grow() {
        slots = Array(repeating: 0, count: slots.count * 4)
        for (position, hash) in hashes.enumerated() {
            var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = UInt32(position + 1)
        }
    }
}
