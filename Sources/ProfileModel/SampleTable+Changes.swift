// What transformations do to all samples at once, in place where they only take something away: a copy of the stacks of
// a million samples is 160 MB.
extension SampleTable {
    /// The arrays of a table.
    package struct Parts {
        package var locations: [LocationIndex]
        package var locationEnds: [Int]
        package var values: [Int64]
        package var labels: [Label]
        package var labelEnds: [Int]
    }

    /// Takes the arrays out, so that who has them can change them in place. The table is empty then.
    package mutating func takeParts() -> Parts {
        let parts = Parts(
            locations: locations, locationEnds: locationEnds, values: values, labels: labels, labelEnds: labelEnds)
        self = SampleTable(valuesPerSample: valuesPerSample)
        return parts
    }

    /// Keeps of each sample the part of its stack that `parts` names by positions in `locations`; samples for which it
    /// has nil go. O(locations).
    ///
    /// - Parameter parts: For each sample nil, or a part of its `locationRange`.
    public mutating func keep(_ parts: [Range<Int>?]) {
        precondition(parts.count == count, "each sample needs its part")
        var (filled, filledLocations, filledLabels, labelStart) = (0, 0, 0, 0)
        for (position, part) in parts.enumerated() {
            let labelRange = labelStart..<labelEnds[position]
            labelStart = labelRange.upperBound
            guard let part else { continue }
            if part.lowerBound != filledLocations {
                for offset in part {
                    locations[filledLocations] = locations[offset]
                    filledLocations += 1
                }
            } else {
                filledLocations += part.count
            }
            for offset in labelRange {
                labels[filledLabels] = labels[offset]
                filledLabels += 1
            }
            for offset in 0..<valuesPerSample {
                values[filled * valuesPerSample + offset] = values[position * valuesPerSample + offset]
            }
            locationEnds[filled] = filledLocations
            labelEnds[filled] = filledLabels
            filled += 1
        }
        locations.removeLast(locations.count - filledLocations)
        labels.removeLast(labels.count - filledLabels)
        values.removeLast(values.count - filled * valuesPerSample)
        locationEnds.removeLast(locationEnds.count - filled)
        labelEnds.removeLast(labelEnds.count - filled)
    }

    /// Removes locations from all stacks; samples whose last location that removes go too, unless they had none before.
    ///
    /// - Parameter isRemoved: By location, whether it goes.
    public mutating func removeLocations(where isRemoved: [Bool]) {
        var filled = 0
        var start = 0
        var parts: [Range<Int>?] = []
        parts.reserveCapacity(count)
        for position in locationEnds.indices {
            let end = locationEnds[position]
            let filledStart = filled
            for offset in start..<end where !isRemoved[Int(locations[offset].rawValue)] {
                locations[filled] = locations[offset]
                filled += 1
            }
            parts.append(filled == filledStart && start < end ? nil : filledStart..<filled)
            start = end
            locationEnds[position] = filled
        }
        locations.removeLast(locations.count - filled)
        keep(parts)
    }

    /// Removes the labels for which `isRemoved` is true. O(labels).
    public mutating func removeLabels(where isRemoved: (Label) -> Bool) {
        var filled = 0
        var start = 0
        for position in labelEnds.indices {
            let end = labelEnds[position]
            for offset in start..<end where !isRemoved(labels[offset]) {
                labels[filled] = labels[offset]
                filled += 1
            }
            start = end
            labelEnds[position] = filled
        }
        labels.removeLast(labels.count - filled)
    }

    /// Adds `label` to every sample, in place of labels with text under its key.
    public mutating func setLabel(_ label: Label) {
        var changed: [Label] = []
        changed.reserveCapacity(labels.count + count)
        var start = 0
        for position in labelEnds.indices {
            let end = labelEnds[position]
            for offset in start..<end where !(labels[offset].isText && labels[offset].key == label.key) {
                changed.append(labels[offset])
            }
            changed.append(label)
            start = end
            labelEnds[position] = changed.count
        }
        labels = changed
    }

    /// Adds frames below the leaf and above the root of every stack.
    ///
    /// - Parameters:
    ///   - leaves: `leafCount` locations for each sample, leaf first.
    ///   - roots: `rootCount` locations for each sample, the root last.
    public mutating func addFrames(leaves: [LocationIndex], leafCount: Int, roots: [LocationIndex], rootCount: Int) {
        precondition(leaves.count == leafCount * count && roots.count == rootCount * count)
        var changed: [LocationIndex] = []
        changed.reserveCapacity(locations.count + leaves.count + roots.count)
        var start = 0
        for position in locationEnds.indices {
            let end = locationEnds[position]
            changed += leaves[position * leafCount..<(position + 1) * leafCount]
            changed += locations[start..<end]
            changed += roots[position * rootCount..<(position + 1) * rootCount]
            start = end
            locationEnds[position] = changed.count
        }
        locations = changed
    }

    /// Replaces every value by what `change` makes of it and the position of its type. O(values).
    public mutating func mapValues(_ change: (_ value: Int64, _ type: Int) -> Int64) {
        var type = 0
        for offset in values.indices {
            values[offset] = change(values[offset], type)
            type = type + 1 == valuesPerSample ? 0 : type + 1
        }
    }
}
