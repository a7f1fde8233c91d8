/// The addresses where a file has code, from its executable segments or sections.
///
/// Debug information of functions that the linker dropped stays behind with the addresses 0, 1 or the highest ones;
/// whatever starts outside of the file's code is such a leftover.
struct CodeRanges {
    private let ranges: [Range<UInt64>]

    init(_ ranges: [Range<UInt64>]) {
        self.ranges = ranges.sorted { $0.lowerBound < $1.lowerBound }
    }

    /// Whether code of the file starts at or lies around `address`. A file has few segments: O(their number).
    func contains(_ address: UInt64) -> Bool {
        if address == 0 { return false }
        for range in ranges where range.contains(address) { return true }
        return ranges.isEmpty
    }
}
