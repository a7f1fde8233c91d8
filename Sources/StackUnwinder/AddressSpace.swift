public import Primitives

/// One executable mapping of a process.
public struct CodeMapping: Hashable, Sendable {
    /// What the mapped memory is.
    public enum Kind: UInt8, Sendable {
        /// A file, or its private copy.
        case file
        /// Memory without a file: code made at run time.
        case anonymous
        /// The kernel's page of user code, unwound like a file.
        case vdso
        /// A file whose file system does not answer: to read even its memory may take for ever.
        case silentFile
    }

    /// The addresses in the process.
    public var range: Range<Address>
    /// The position in the file of the first byte.
    public var fileOffset: FileOffset
    /// The file's unwind information; nil where there is none.
    public var module: ModuleID?
    /// What the memory is.
    public var kind: Kind
    /// A number of the caller's, by which it finds its own record of what is mapped.
    public var tag: UInt32

    /// Where `address`, which must be in the range, is in the file.
    func fileOffset(of address: Address) -> FileOffset {
        FileOffset(fileOffset.value &+ (address.value &- range.lowerBound.value))
    }
}

/// The executable mappings of one process, sorted and disjoint.
///
/// A value: a copy is what a forked child starts with.
public struct AddressSpace: Sendable {
    /// The mappings by ascending address.
    public private(set) var mappings: [CodeMapping] = []
    /// Counts the changes that made an address mean something else; additions of new memory do not count.
    public private(set) var generation: UInt32 = 0
    /// Reads what is mapped without a file; nil when that cannot be done.
    public var runtimeCode: RuntimeCode?

    /// No mapping.
    public init() {}

    /// Adds a mapping as mmap(2) does: whatever lay there before is cut or replaced. An empty range is ignored.
    public mutating func map(
        range: Range<Address>, fileOffset: FileOffset, module: ModuleID?, kind: CodeMapping.Kind,
        tag: UInt32 = 0
    ) {
        guard !range.isEmpty else { return }
        let new = CodeMapping(range: range, fileOffset: fileOffset, module: module, kind: kind, tag: tag)
        let position = firstIndex(endingAfter: range.lowerBound)
        // The same mapping told twice changes nothing: caches stay valid.
        if position < mappings.count, mappings[position] == new { return }
        unmap(range)
        mappings.insert(new, at: firstIndex(endingAfter: range.lowerBound))
    }

    /// Removes whatever is mapped in `range`, cutting mappings that reach beyond it.
    public mutating func unmap(_ range: Range<Address>) {
        let first = firstIndex(endingAfter: range.lowerBound)
        var end = first
        while end < mappings.count, mappings[end].range.lowerBound < range.upperBound { end += 1 }
        guard first < end else { return }
        var kept: [CodeMapping] = []
        let head = mappings[first]
        if head.range.lowerBound < range.lowerBound {
            var rest = head
            rest.range = head.range.lowerBound..<range.lowerBound
            kept.append(rest)
        }
        let tail = mappings[end - 1]
        if range.upperBound < tail.range.upperBound {
            var rest = tail
            rest.range = range.upperBound..<tail.range.upperBound
            rest.fileOffset = tail.fileOffset(of: range.upperBound)
            kept.append(rest)
        }
        mappings.replaceSubrange(first..<end, with: kept)
        generation &+= 1
    }

    /// Removes everything, as execve(2) does.
    public mutating func removeAll() {
        mappings.removeAll()
        generation &+= 1
    }

    /// The mapping at `address`. O(log n).
    public func lookup(_ address: Address) -> CodeMapping? {
        let index = firstIndex(endingAfter: address)
        guard index < mappings.count, mappings[index].range.lowerBound <= address else { return nil }
        return mappings[index]
    }

    /// The bytes around `address` in memory without a file; nil when they cannot be had.
    func runtimeWindow(around address: Address) -> CodePages.Window? {
        runtimeCode?.window(around: address)
    }

    private func firstIndex(endingAfter address: Address) -> Int {
        var low = 0
        var high = mappings.count
        while low < high {
            let middle = (low &+ high) / 2
            if mappings[middle].range.upperBound <= address { low = middle &+ 1 } else { high = middle }
        }
        return low
    }
}
