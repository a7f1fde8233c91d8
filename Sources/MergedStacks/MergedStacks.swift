public import ProfileModel

/// Every distinct stack of a profile, once, with what was measured on it.
public enum MergedStacks {
    /// Calls `visit` for each distinct stack, with neighbours sharing their outer frames as in a walk over a tree.
    ///
    /// Samples that differ only in lines, addresses, labels or inlining are one here. Those whose values are all 0 are
    /// passed over, as are stacks without frames and those whose values add up to 0. Sums wrap around: values come from
    /// files. O(frames of all samples); memory O(samples + the longest stack).
    ///
    /// - Parameter visit: Takes the frames, outermost first, and the sum of each value.
    public static func forEachStack<Failure: Error>(
        of profile: Profile, frames: FrameTable,
        _ visit: (_ path: [Int32], _ values: [Int64]) throws(Failure) -> Void
    ) throws(Failure) {
        let samples = profile.samples
        let (values, count) = (samples.values, samples.valuesPerSample)
        var partition = StackPartition(samples, frames: frames) { sample in
            (sample * count..<(sample + 1) * count).contains { values[$0] != 0 }
        }
        var path: [Int32] = []
        var sums = [Int64](repeating: 0, count: count)
        // What is left to visit, innermost last; the depth is that of the group's own frame.
        var pending = [(group: StackPartition.Group, depth: Int)]()
        pending.append((StackPartition.Group(range: partition.everything, frame: -1, isInlined: false), 0))
        while let (group, depth) = pending.popLast() {
            if depth > 0 {
                path.removeSubrange((depth - 1)...)
                path.append(group.frame)
            }
            let (endedCount, groups) = partition.split(group.range)
            for next in groups.reversed() { pending.append((next, depth + 1)) }
            guard endedCount > 0, depth > 0 else { continue }
            for column in sums.indices { sums[column] = 0 }
            for position in group.range.prefix(endedCount) {
                let sample = partition.sample(at: position)
                for column in 0..<count { sums[column] &+= values[sample * count + column] }
            }
            if sums.contains(where: { $0 != 0 }) { try visit(path, sums) }
        }
    }
}
