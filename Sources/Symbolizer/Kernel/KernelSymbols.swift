internal import Glibc
public import Primitives

/// One symbol of the running kernel that an address was resolved to.
public struct KernelSymbol: Hashable, Sendable {
    /// The name as the kernel states it.
    public let linkageName: String
    /// The readable form for names that are mangled (Rust in the kernel), nil for others.
    public let displayName: String?
    /// The module in brackets (`[ext4]`, `[bpf]`), nil for the kernel itself.
    public let module: String?
    /// The symbol's own address.
    public let start: Address

    /// A symbol of these parts.
    public init(linkageName: String, displayName: String?, module: String?, start: Address) {
        self.linkageName = linkageName
        self.displayName = displayName
        self.module = module
        self.start = start
    }
}

/// Why kernel addresses have no names, and what the user can do.
public enum KernelSymbolsFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kernel hides its addresses from this user: every symbol is at zero.
    case addressesHidden
    /// The list cannot be read.
    case unreadable(SystemError)

    /// What is wrong and, where the user can help it, the command to do so.
    public var description: String {
        switch self {
        case .addressesHidden:
            "the kernel hides the addresses of its symbols (kernel.kptr_restrict, kernel.perf_event_paranoid); run as root or: "
                + "sudo sysctl kernel.kptr_restrict=0 kernel.perf_event_paranoid=1"
        case .unreadable(let error): "kernel symbols: " + error.description
        }
    }
}

/// The names of chosen kernel addresses, from `/proc/kallsyms` (proc(5)).
///
/// The list has 100 000 to 300 000 lines, of which a profile needs a few hundred; so the addresses are given first, and one
/// pass over the bytes keeps the nearest symbol before each of them.
public struct KernelSymbols: Sendable {
    /// For each address as it was given: its symbol, nil if there is none before it.
    public let symbols: [KernelSymbol?]
    /// The kernel's own code, `_stext` up to `_etext`, which the same list tells; nil if it does not.
    public let text: Range<Address>?

    /// Resolves `addresses`, in ascending order, with the running kernel's list. O(lines × log(addresses)).
    public init(resolving addresses: [Address]) throws(KernelSymbolsFailure) {
        try self.init(resolving: addresses, path: "/proc/kallsyms")
    }

    /// The same with the list at `path`.
    init(resolving addresses: [Address], path: String) throws(KernelSymbolsFailure) {
        precondition(zip(addresses, addresses.dropFirst()).allSatisfy(<=), "addresses must be sorted")
        var search = KernelSymbolSearch(addresses)
        do {
            let file = try FileDescriptor(opening: path)
            try forEachLine(limit: 512 << 20) { _, count throws(SystemError) in
                try file.readToEnd(limit: count)
            } _: { line, _ in
                search.add(line)
            }
        } catch {
            throw .unreadable(error)
        }
        guard search.sawAddress else { throw .addressesHidden }
        text = search.text
        symbols = search.finish()
    }
}

/// The nearest text symbol before each of a list of sorted addresses, as lines of kallsyms come by in any order.
struct KernelSymbolSearch {
    /// A symbol that is the nearest so far.
    private struct Candidate {
        var start: UInt64
        var rank: Int
        /// The rest of the line: name, and module behind a tab.
        var text: [UInt8]
    }

    private let addresses: [Address]
    /// Per address: the last symbol between the address before it and itself.
    private var candidates: [Candidate?]
    /// Whether any line had an address other than zero.
    private(set) var sawAddress = false
    private var textStart: UInt64?
    private var textEnd: UInt64?

    /// From `_stext` to `_etext`; nil where they are not both there, in order.
    var text: Range<Address>? {
        guard let textStart, let textEnd, textStart < textEnd else { return nil }
        return Address(textStart)..<Address(textEnd)
    }

    init(_ addresses: [Address]) {
        self.addresses = addresses
        candidates = Array(repeating: nil, count: addresses.count)
    }

    /// Takes a line `ffffffff81000080 T entry_SYSCALL_64` with, for modules, `\t[name]`; other lines are ignored.
    mutating func add(_ line: Span<UInt8>) {
        var position = 0
        var start: UInt64 = 0
        while position < line.count, position < 16, let digit = hexadecimalDigit(line[position]) {
            start = start << 4 | UInt64(digit)
            position += 1
        }
        guard position > 0, start != 0, position + 3 < line.count, line[position] == UInt8(ascii: " "),
            line[position + 2] == UInt8(ascii: " ")
        else { return }
        sawAddress = true
        if isName("_stext", line, from: position + 3) { textStart = start }
        if isName("_etext", line, from: position + 3) { textEnd = start }
        let rank: Int
        switch line[position + 1] {
        case UInt8(ascii: "T"): rank = 3
        case UInt8(ascii: "t"): rank = 2
        case UInt8(ascii: "W"), UInt8(ascii: "w"): rank = 1
        default: return
        }
        let slot = firstAddress(from: start)
        guard slot < addresses.count else { return }
        // Of several names for one address: global before local before weak, then the one with fewer underscores in front.
        var underscores = 0
        while position + 3 + underscores < line.count, line[position + 3 + underscores] == UInt8(ascii: "_") {
            underscores += 1
        }
        let fullRank = rank * 64 - min(underscores, 63)
        if let best = candidates[slot], (best.start, best.rank) >= (start, fullRank) { return }
        let text = line.extracting((position + 3)..<min(line.count, position + 3 + 1024))
        candidates[slot] = Candidate(
            start: start, rank: fullRank, text: unsafe text.withUnsafeBufferPointer { unsafe Array($0) })
    }

    /// Whether all of the line from `start` is `name`.
    private func isName(_ name: StaticString, _ line: Span<UInt8>, from start: Int) -> Bool {
        guard line.count == start + name.utf8CodeUnitCount else { return false }
        return name.withUTF8Buffer { name in
            for index in 0..<name.count where unsafe name[index] != line[start + index] { return false }
            return true
        }
    }

    /// The symbols found, one per address.
    consuming func finish() -> [KernelSymbol?] {
        var result: [KernelSymbol?] = []
        result.reserveCapacity(addresses.count)
        var nearest: KernelSymbol?
        for candidate in candidates {
            if let candidate { nearest = symbol(candidate) }
            result.append(nearest)
        }
        return result
    }

    /// What a candidate says; nil for marks of an end, behind which there is no function.
    private func symbol(_ candidate: Candidate) -> KernelSymbol? {
        let parts = candidate.text.split(separator: UInt8(ascii: "\t"), maxSplits: 1)
        guard let first = parts.first else { return nil }
        let name = String(decoding: first, as: UTF8.self)
        if name == "_etext" || name == "_einittext" { return nil }
        let module = parts.count > 1 ? String(decoding: parts[1], as: UTF8.self) : nil
        // Not with the system's demanglers: this runs where a crash would end the recording.
        let displayName = demangle(name, usingSystemDemanglers: false)
        return KernelSymbol(
            linkageName: name, displayName: displayName, module: module, start: Address(candidate.start))
    }

    /// The index of the first address at or behind `start`.
    private func firstAddress(from start: UInt64) -> Int {
        var low = 0
        var high = addresses.count
        while low < high {
            let middle = low + (high - low) / 2
            if addresses[middle].value < start { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
