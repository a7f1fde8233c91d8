import ProfileModel

extension SampleTable {
    /// For each sample the part of its stack that `choose` names, for `keep`.
    ///
    /// - Parameter choose: Is given all stacks and where that of the sample lies in them.
    func parts(_ choose: (_ stacks: [LocationIndex], _ stack: Range<Int>) -> Range<Int>?) -> [Range<Int>?] {
        let (stacks, ends) = (locations, locationEnds)
        var parts: [Range<Int>?] = []
        parts.reserveCapacity(ends.count)
        var start = 0
        for end in ends {
            parts.append(choose(stacks, start..<end))
            start = end
        }
        return parts
    }
}
