/// The positions of the things that a file names by id.
///
/// Nearly all files count their ids from 1 in the order of the file; those need no table at all. Ids that are not much
/// larger than their number are looked up in an array, others by open addressing: with 40 million frames to look up, a
/// `Dictionary` would take 3 s.
struct IdentifierTable {
    /// The ids by position; empty as long as they count from 1.
    private(set) var identifiers: [UInt64] = []

    private var count = 0
    /// By id, the position plus 1, or 0.
    private var dense: [UInt32] = []
    /// Positions plus 1, or 0, found by hash; the size is a power of two and at least twice the number of ids.
    private var sparse: [UInt32] = []
    /// Of the hash, what brings it below the size of `sparse`.
    private var shift: UInt64 = 0
    /// Another one each time, so that nobody can make a file of ids that all have the same hash.
    private let multiplier = UInt64.random(in: 0 ... .max) | 1
    /// The ids so far, for the check that none comes twice.
    private var seen: Set<UInt64> = []

    /// Notes that the thing at the next position has the id `id`. False if the id was given before.
    mutating func add(_ id: UInt64) -> Bool {
        if identifiers.isEmpty {
            if id == UInt64(count) + 1 {
                count += 1
                return true
            }
            identifiers = (0..<UInt64(count)).map { $0 + 1 }
            seen = Set(identifiers)
        }
        guard seen.insert(id).inserted else { return false }
        identifiers.append(id)
        count += 1
        return true
    }

    /// Prepares for lookups, after the last `add`. O(n).
    mutating func finish() {
        seen = []
        guard let highest = identifiers.max() else { return }
        if highest < UInt64(count) * 8 + 65_536 {
            dense = Array(repeating: 0, count: Int(highest) + 1)
            for (position, id) in identifiers.enumerated() { dense[Int(id)] = UInt32(position + 1) }
            return
        }
        var size = 64
        shift = 64 - 6
        while size < count * 2 {
            size *= 2
            shift -= 1
        }
        sparse = Array(repeating: 0, count: size)
        for (position, id) in identifiers.enumerated() {
            var slot = hash(id)
            while sparse[slot] != 0 { slot = (slot + 1) & (size - 1) }
            sparse[slot] = UInt32(position + 1)
        }
    }

    /// The position of the thing with the id `id`. Needs `finish` before.
    @inline(__always)
    func position(of id: UInt64) -> UInt32? {
        if identifiers.isEmpty { return id >= 1 && id <= UInt64(count) ? UInt32(truncatingIfNeeded: id &- 1) : nil }
        return lookUp(id)
    }

    private func lookUp(_ id: UInt64) -> UInt32? {
        if !dense.isEmpty {
            guard id < UInt64(dense.count), dense[Int(id)] != 0 else { return nil }
            return dense[Int(id)] - 1
        }
        var slot = hash(id)
        while sparse[slot] != 0 {
            let position = sparse[slot] - 1
            if identifiers[Int(position)] == id { return position }
            slot = (slot + 1) & (sparse.count - 1)
        }
        return nil
    }

    private func hash(_ id: UInt64) -> Int {
        Int(truncatingIfNeeded: (id &* multiplier) >> shift)
    }
}
