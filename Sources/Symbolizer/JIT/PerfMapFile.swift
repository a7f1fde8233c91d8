internal import Glibc
public import Primitives
public import TargetFiles

/// Why a process has no usable perf map.
public enum PerfMapFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The process writes none: the usual case.
    case missing
    /// There is one, but it is not a regular file of the process's own user or of root, so it may be anyone's.
    case untrusted(path: String)
    /// It cannot be read.
    case unreadable(SystemError)

    /// Its file system does not answer.
    public var isSilence: Bool {
        if case .unreadable(let error) = self { error.code == ETIMEDOUT } else { false }
    }

    /// What is wrong, for the user.
    public var description: String {
        switch self {
        case .missing:
            "the process writes no perf map; its runtime may on request: node --perf-basic-prof, python3.12 -X perf"
        case .untrusted(let path): "\(path) is not a regular file that the process's user or root owns; it is not used"
        case .unreadable(let error): "perf map: " + error.description
        }
    }
}

/// A piece of code that a just-in-time compiler told about.
public struct PerfMapSymbol: Hashable, Sendable {
    /// The name as the compiler wrote it, which may be anything.
    public let name: String
    /// Its first address.
    public let start: Address
}

/// `/tmp/perf-PID.map`: the names that a just-in-time compiler (V8, the JVM, .NET, CPython) writes down for profilers.
///
/// Lines of `START SIZE name` with hexadecimal numbers (linux:tools/perf/Documentation/jit-interface.txt). Code moves and memory is used
/// again, so a later line wins over an earlier one. The file is found through the process's own root and pid namespace.
public struct PerfMapFile: ~Copyable {
    /// The bytes that are read of a map; V8 writes some 100 MB in a long run.
    public static let defaultByteLimit = 256 << 20

    private let file: TargetFile
    /// The name to show for the file.
    public let path: String
    /// How many lines were not `START SIZE name`; known after ``symbols(for:limit:)``.
    public private(set) var badLineCount = 0
    /// Whether the file was longer than the limit; known after ``symbols(for:limit:)``.
    public private(set) var isTruncated = false

    /// Opens the map of a process.
    ///
    /// The path is resolved inside the process's root by openat2(2), and the file must be a regular one that the
    /// process's user or root owns: `/tmp` is everybody's.
    public init(of process: ProcessID, patience: Patience) throws(PerfMapFailure) {
        guard let status = ProcessStatus(of: process) else { throw .missing }
        let root = "/proc/\(process)/root"
        let name = "perf-\(status.innermostID).map"
        try self.init(
            root: root, name: name, owner: status.userID, path: "\(root)/tmp/\(name)", patience: patience)
    }

    /// Opens `tmp/<name>` under `root`.
    init(
        root: String, name: String, owner: uid_t, path: String, patience: Patience = Patience()
    ) throws(PerfMapFailure) {
        do throws(RuntimeFileFailure) {
            file = try openRuntimeFile("tmp/" + name, below: root, owner: owner, patience: patience)
        } catch {
            switch error {
            case .missing: throw .missing
            case .untrusted: throw .untrusted(path: path)
            case .unreadable(let error): throw .unreadable(error)
            }
        }
        self.path = path
    }

    /// The symbols of `addresses`, which are in ascending order: one each, nil where no line covers it.
    ///
    /// Memory does not grow with the file: the pass keeps for each address where its last line is, and reads that line
    /// again. O(lines × log(addresses)).
    public mutating func symbols(
        for addresses: [Address], limit: Int = defaultByteLimit
    ) throws(PerfMapFailure) -> [PerfMapSymbol?] {
        precondition(zip(addresses, addresses.dropFirst()).allSatisfy(<=), "addresses must be sorted")
        var cover = LastCover(addresses)
        var bad = 0
        do throws(SystemError) {
            let total = try forEachLine(limit: limit) { offset, count throws(SystemError) in
                try file.read(at: FileOffset(UInt64(offset)), count: count)
            } _: { line, offset in
                if line.isEmpty { return }
                guard let entry = PerfMapLine(line) else {
                    bad += 1
                    return
                }
                cover.add(entry.range, stamp: offset + 1)
            }
            isTruncated = total >= limit
            badLineCount = bad
            return try names(cover.stamps())
        } catch {
            throw .unreadable(error)
        }
    }

    /// The lines at the offsets `stamps` - 1; zero means none.
    private func names(_ stamps: [Int]) throws(SystemError) -> [PerfMapSymbol?] {
        var known: [Int: PerfMapSymbol] = [:]
        var result: [PerfMapSymbol?] = []
        result.reserveCapacity(stamps.count)
        for stamp in stamps {
            guard stamp > 0 else {
                result.append(nil)
                continue
            }
            if let symbol = known[stamp] {
                result.append(symbol)
                continue
            }
            let bytes = try file.read(at: FileOffset(UInt64(stamp - 1)), count: PerfMapLine.byteLimit)
            let line = bytes.prefix { $0 != UInt8(ascii: "\n") }
            guard let entry = PerfMapLine(line.span) else {
                result.append(nil)
                continue
            }
            let name = String(decoding: line[entry.nameStart...], as: UTF8.self)
            let symbol = PerfMapSymbol(name: name, start: Address(entry.range.lowerBound))
            known[stamp] = symbol
            result.append(symbol)
        }
        return result
    }
}
