import Glibc
public import Primitives

/// Processes and threads as /proc lists them.
public enum ProcessTree {
    /// The threads of `process`; empty if it is gone.
    public static func threads(of process: ProcessID) -> [ThreadID] {
        numbers(inFolder: "/proc/\(process)/task").map { ThreadID($0) }
    }

    /// `roots` and all their descendants that exist now, each once, parents first.
    public static func withDescendants(_ roots: [ProcessID]) -> [ProcessID] {
        var children: [Int32: [Int32]] = [:]
        for process in numbers(inFolder: "/proc") {
            if let parent = ProcessStatistics(of: ProcessID(process))?.parentProcessID {
                children[parent.value, default: []].append(process)
            }
        }
        var seen = Set<Int32>()
        var result: [ProcessID] = []
        var pending = roots.map(\.value)
        var next = 0
        while next < pending.count {
            let process = pending[next]
            next += 1
            guard seen.insert(process).inserted else { continue }
            result.append(ProcessID(process))
            pending.append(contentsOf: children[process] ?? [])
        }
        return result
    }

    /// The entries of a folder whose names are numbers.
    private static func numbers(inFolder path: String) -> [Int32] {
        guard let folder = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(folder) }
        var result: [Int32] = []
        while let entry = unsafe readdir(folder) {
            // d_name is a zero-ended array of 256 bytes.
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let number = Int32(name), number > 0 { result.append(number) }
        }
        return result
    }
}

/// What /proc/PID/stat says of a process (proc_pid_stat(5)).
struct ProcessStatistics {
    var parentProcessID: ProcessID
    /// CPU time of children that ended and were waited for, with theirs, in clock ticks.
    var childrenTicks: UInt64

    /// Nil if the process is gone.
    init?(of process: ProcessID) {
        guard let line = contents(ofSmallFile: "/proc/\(process)/stat") else { return nil }
        self.init(line: line)
    }

    /// Of bytes and not of text, as it is asked for every process of the machine now and then.
    init?(line: [UInt8]) {
        // The name in parentheses may itself contain spaces and parentheses.
        guard let close = line.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        // Fields 3 (the state) to 17 of the man page.
        let fields = line[(close + 1)...].split(separator: 0x20, maxSplits: 15)
        guard fields.count > 14, let parent = Self.number(fields[1]).flatMap({ Int32(exactly: $0) }),
            let user = Self.number(fields[13]), let system = Self.number(fields[14])
        else { return nil }
        parentProcessID = ProcessID(parent)
        childrenTicks = UInt64(max(0, user)) &+ UInt64(max(0, system))
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
        Int64(String(decoding: digits, as: UTF8.self))
    }
}
