internal import Primitives

/// One line of /proc/PID/maps (proc_pid_maps(5)).
struct MemoryMapEntry: Equatable {
    var range: Range<Address>
    var isExecutable: Bool
    var fileOffset: FileOffset
    var device: FileDevice
    var inode: UInt64
    /// The path as the kernel prints it, `\012` for a newline; empty for anonymous memory.
    var path: String
}

/// The device that a file lies on, as the kernel's map lines and records state it.
struct FileDevice: Hashable {
    var major: UInt32
    var minor: UInt32
}

/// Reads the text of /proc/PID/maps. A line that is not of its form is skipped and counted.
struct MemoryMap {
    private(set) var entries: [MemoryMapEntry] = []
    private(set) var malformedLineCount = 0

    /// Parses `text`. O(n).
    init(parsing text: [UInt8]) {
        for line in text.split(separator: 0x0a) {
            if let entry = Self.entry(line) {
                entries.append(entry)
            } else {
                malformedLineCount += 1
            }
        }
    }

    /// The memory map of a live process; nil if it is gone or may not be read.
    init?(of process: ProcessID) {
        guard let text = contents(ofSmallFile: "/proc/\(process)/maps", limit: 256 << 20) else { return nil }
        self.init(parsing: text)
    }

    private static func entry(_ line: ArraySlice<UInt8>) -> MemoryMapEntry? {
        // "start-end perms offset major:minor inode   path"; the path may contain spaces.
        let fields = line.split(separator: 0x20, maxSplits: 5, omittingEmptySubsequences: false)
        guard fields.count >= 5, fields[1].count >= 3 else { return nil }
        let bounds = fields[0].split(separator: 0x2d)
        let numbers = fields[3].split(separator: 0x3a)
        guard bounds.count == 2, numbers.count == 2,
            let start = number(bounds[0], radix: 16), let end = number(bounds[1], radix: 16), start < end,
            let offset = number(fields[2], radix: 16),
            let major = number(numbers[0], radix: 16), let minor = number(numbers[1], radix: 16),
            let inode = number(fields[4], radix: 10)
        else { return nil }
        let path = fields.count > 5 ? fields[5].drop { $0 == 0x20 } : []
        return MemoryMapEntry(
            range: Address(start)..<Address(end), isExecutable: fields[1][fields[1].startIndex + 2] == 0x78,
            fileOffset: FileOffset(offset),
            device: FileDevice(major: UInt32(truncatingIfNeeded: major), minor: UInt32(truncatingIfNeeded: minor)),
            inode: inode, path: String(decoding: path, as: UTF8.self))
    }

    private static func number(_ digits: ArraySlice<UInt8>, radix: UInt64) -> UInt64? {
        guard !digits.isEmpty else { return nil }
        var value: UInt64 = 0
        for digit in digits {
            let part: UInt64
            switch digit {
            case 0x30...0x39: part = UInt64(digit - 0x30)
            case 0x61...0x66 where radix == 16: part = UInt64(digit - 0x61 + 10)
            default: return nil
            }
            let (product, overflowed) = value.multipliedReportingOverflow(by: radix)
            let (sum, carried) = product.addingReportingOverflow(part)
            guard !overflowed, !carried else { return nil }
            value = sum
        }
        return value
    }
}
