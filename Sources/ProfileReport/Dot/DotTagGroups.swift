import ProfileModel

/// Numbers of labels, grouped by size where there are too many to draw.
enum DotTagGroups {
    /// The `count` heaviest tags with those of the others that are nearest to them, as `1kB..4kB`. `tags` has the
    /// heaviest first, and so has the result.
    static func collapse(_ tags: [NodeTags.Tag], to count: Int, byFlat: Bool) -> [NodeTags.Tag] {
        if tags.count <= count { return tags }
        var groups = tags[..<count].map { [$0] }
        for tag in tags[count...] {
            var nearest = 0
            var smallestDistance = distance(tag, groups[0][0])
            for group in 1..<count {
                let other = distance(tag, groups[group][0])
                if other < smallestDistance { (nearest, smallestDistance) = (group, other) }
            }
            groups[nearest].append(tag)
        }
        return NodeTags.sorted(groups.map(merged), byFlat: byFlat)
    }

    private static func distance(_ tag: NodeTags.Tag, _ other: NodeTags.Tag) -> Double {
        let value = Measurement.scale(other.value, from: other.unit, to: tag.unit).value
        return (Double(tag.value) - value).magnitude
    }

    private static func merged(_ group: [NodeTags.Tag]) -> NodeTags.Tag {
        var (smallest, largest) = (group[0], group[0])
        var sum = group[0]
        for tag in group.dropFirst() {
            func value(in unit: String) -> Int64 {
                truncated(Measurement.scale(tag.value, from: tag.unit, to: unit).value)
            }
            if value(in: smallest.unit) < smallest.value { smallest = tag }
            if value(in: largest.unit) > largest.value { largest = tag }
            sum.flat &+= tag.flat
            sum.flatDivisor &+= tag.flatDivisor
            sum.cumulative &+= tag.cumulative
            sum.cumulativeDivisor &+= tag.cumulativeDivisor
        }
        // Each in its own unit, because in the report's they often would be 0..0.
        func label(_ tag: NodeTags.Tag) -> String { Measurement.label(tag.value, from: tag.unit, to: "auto") }
        return NodeTags.Tag(
            name: group.count == 1 ? label(smallest) : label(smallest) + ".." + label(largest), flat: sum.flatValue,
            cumulative: sum.cumulativeValue)
    }
}
