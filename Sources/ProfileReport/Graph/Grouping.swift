/// Positions by the group that each belongs to, without an array for each group.
struct Grouping {
    private var ends: [Int32]
    private var members: [Int32]

    init(_ groups: some Collection<Int>, groupCount: Int) {
        ends = Array(repeating: 0, count: groupCount + 1)
        for group in groups { ends[group + 1] += 1 }
        for group in 0..<groupCount { ends[group + 1] += ends[group] }
        members = Array(repeating: 0, count: groups.count)
        var next = ends
        for (position, group) in groups.enumerated() {
            members[Int(next[group])] = Int32(truncatingIfNeeded: position)
            next[group] += 1
        }
    }

    var groupCount: Int { ends.count - 1 }

    subscript(group: Int) -> some Sequence<Int> {
        members[Int(ends[group])..<Int(ends[group + 1])].lazy.map { Int($0) }
    }
}
