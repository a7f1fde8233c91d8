internal import Primitives

/// For each of a list of sorted addresses, the last of many ranges that covered it.
///
/// A range marks O(log n) nodes of a tree over the addresses with its stamp; stamps only grow, so an address's answer is the
/// greatest on the way up. A hostile list of ranges that all cover everything costs no more than any other.
struct LastCover {
    private let addresses: [Address]
    /// A complete binary tree; the leaf of address `i` is node `addresses.count + i`.
    private var nodes: [Int]

    init(_ addresses: [Address]) {
        self.addresses = addresses
        nodes = Array(repeating: 0, count: max(addresses.count * 2, 1))
    }

    /// Covers the addresses in `range`; `stamp` must be greater than every one before it and than zero.
    mutating func add(_ range: Range<UInt64>, stamp: Int) {
        var left = firstIndex(from: range.lowerBound) + addresses.count
        var right = firstIndex(from: range.upperBound) + addresses.count
        while left < right {
            if left & 1 == 1 {
                nodes[left] = stamp
                left += 1
            }
            if right & 1 == 1 {
                right -= 1
                nodes[right] = stamp
            }
            left /= 2
            right /= 2
        }
    }

    /// The last stamp so far over the address at `index`, zero for none. O(log n).
    func stamp(at index: Int) -> Int {
        var node = index + addresses.count
        var stamp = 0
        while node > 0 {
            stamp = max(stamp, nodes[node])
            node /= 2
        }
        return stamp
    }

    /// The last stamp over each address, zero for none. O(n log n).
    func stamps() -> [Int] {
        addresses.indices.map { stamp(at: $0) }
    }

    /// The index of the first address at or behind `start`.
    private func firstIndex(from start: UInt64) -> Int {
        var low = 0
        var high = addresses.count
        while low < high {
            let middle = low + (high - low) / 2
            if addresses[middle].value < start { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
