/// The lines of calls with the callee's names as numbers, which are the same each time but for the address.
///
/// Each is 64 bytes long, so that putting them in the random order of calls costs one access to main memory.
struct CallLines {
    /// What a call of one node looks like.
    struct Lines {
        var address: UInt64 = 0
        /// What stands before the address, and what behind it.
        var text = InlineArray<54, UInt8>(repeating: 0)
        /// The offset behind the first of these, and behind both; 0 if they are not known.
        var middle: UInt8 = 0
        var end: UInt8 = 0
    }

    /// By node of the table.
    private var lines: [Lines]

    init(count: Int) { lines = Array(repeating: Lines(), count: count) }

    /// Whether the lines of `node` are known.
    func has(_ node: Int) -> Bool { lines[node].end > 0 }

    /// The lines of `node`.
    subscript(node: Int) -> Lines { lines[node] }

    /// Adds the lines of calls of `node`, unless they are too long. A number of 0 is for an empty name.
    mutating func add(_ node: Int, _ info: NodeInfo, file: Int64, function: Int64) {
        var before = ""
        for (key, number) in [("cfl=", file), ("cfn=", function)] {
            before += number == 0 ? key + "\n" : "\(key)(\(number))\n"
        }
        before += "calls=0 "
        let all = before + " \(info.line)\n* * "
        var added = Lines(address: info.address)
        guard all.utf8.count <= added.text.count else { return }
        for (offset, byte) in all.utf8.enumerated() { added.text[offset] = byte }
        added.middle = UInt8(before.utf8.count)
        added.end = UInt8(all.utf8.count)
        lines[node] = added
    }
}
