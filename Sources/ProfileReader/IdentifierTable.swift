/// The positions of the things that a file names by id.
///
/// Nearly all files count their ids from 1 in the order of the file; those need no table at all.
struct IdentifierTable {
    private var count: UInt32 = 0
    private var positions: [UInt64: UInt32]?

    /// Notes that the thing at the next position has the id `id`. False if the id was given before.
    mutating func add(_ id: UInt64) -> Bool {
        let position = count
        count += 1
        if positions == nil {
            if id == UInt64(position) + 1 { return true }
            var table: [UInt64: UInt32] = [:]
            for known in 0..<position { table[UInt64(known) + 1] = known }
            positions = table
        }
        if positions?[id] != nil { return false }
        positions?[id] = position
        return true
    }

    /// The position of the thing with the id `id`.
    @inline(__always)
    func position(of id: UInt64) -> UInt32? {
        if let positions { return positions[id] }
        return id >= 1 && id <= UInt64(count) ? UInt32(id - 1) : nil
    }
}
