internal import Glibc
public import Primitives
public import TargetFiles

/// Why a process's jitdump is not used, in words for the user.
public struct JitDumpFailure: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
}

/// Where a sample was in code made at run time.
public struct JitDumpQuery: Hashable, Sendable {
    public var address: Address
    /// CLOCK_MONOTONIC in nanoseconds: code that came later was not yet there.
    public var timeNanoseconds: UInt64

    public init(address: Address, timeNanoseconds: UInt64) {
        self.address = address
        self.timeNanoseconds = timeNanoseconds
    }
}

/// Code that a jitdump tells of.
public struct JitDumpSymbol: Hashable, Sendable {
    /// The name as the compiler wrote it, which may be anything.
    public let name: String
    /// The code's first address.
    public let start: Address
    /// The source file, or empty, and the line, or 0.
    public let file: String
    public let line: Int
}

/// A `jit-PID.dump`: what a just-in-time compiler (V8, the JVM's and LLVM's listeners, CPython) tells profilers of its code
/// while it makes, moves and replaces it. A runtime maps the file executable once, so that profilers learn of it.
public struct JitDumpFile: ~Copyable {
    /// The bytes that are looked at, most of them skipped: the file has the code in it.
    public static let defaultByteLimit: UInt64 = 4 << 30
    /// Records beyond this number are not looked at: half a minute's work.
    private static let recordLimit = 1 << 24
    /// More bytes of one code's lines are not read.
    private static let linesLimit: UInt64 = 1 << 20

    private let file: TargetFile
    /// The name to show for the file.
    public let path: String

    /// Whether a mapped file is called as a jitdump is.
    public static func isName(_ path: String) -> Bool { number(in: path) != nil }

    /// Opens the jitdump at `path`, as `process` sees it.
    ///
    /// It must be called after the process's own number, lie below its root, and be a regular file that its user or root owns.
    public init(_ path: String, of process: ProcessID, patience: Patience) throws(JitDumpFailure) {
        guard let status = ProcessStatus(of: process) else {
            throw JitDumpFailure(description: "\(path) is of a process that has ended")
        }
        try self.init(
            root: "/proc/\(process)/root", path: path, number: status.innermostID, owner: status.userID,
            patience: patience)
    }

    init(
        root: String, path: String, number: Int32, owner: uid_t, patience: Patience = Patience()
    ) throws(JitDumpFailure) {
        guard Self.number(in: path) == number else {
            throw JitDumpFailure(description: "\(path) is not called after its process \(number); it is not used")
        }
        do throws(RuntimeFileFailure) {
            file = try openRuntimeFile(String(path.drop { $0 == "/" }), below: root, owner: owner, patience: patience)
        } catch {
            switch error {
            case .missing: throw JitDumpFailure(description: "\(path) is gone")
            case .untrusted:
                throw JitDumpFailure(
                    description: "\(path) is not a regular file that the process's user or root owns; it is not used")
            case .unreadable(let error): throw JitDumpFailure(description: "jitdump: \(error)")
            }
        }
        self.path = path
    }

    /// The bytes that have been written so far.
    public var byteCount: UInt64 { (try? file.byteCount()) ?? 0 }

    private static let silence = "its file system does not answer, or no longer"

    /// Whether it has stopped answering, so that it tells nothing more.
    public var isGivenUp: Bool { file.isGivenUp }

    /// The times of at most `most` whole records from `offset` on, which moves behind them; at first it is 0.
    public func recordTimes(from offset: inout UInt64, most: Int) -> [UInt64] {
        if offset == 0 {
            guard let header = Header(file), !header.hasForeignClock else { return [] }
            offset = header.byteCount
        }
        var times: [UInt64] = []
        var next = offset
        _ = forEachRecord(from: offset, limit: .max, most: most) { record in
            times.append(record.time)
            next = record.offset + record.byteCount
        }
        offset = next
        return times
    }

    /// The symbols of `queries`: one each, nil where no code is told of; and what is wrong with the contents, for the user.
    ///
    /// Of code that was not told of in time, the last word of the file is taken. Memory does not grow with the file.
    /// O((records + queries) × log(queries)).
    public func symbols(
        for queries: [JitDumpQuery], limit: UInt64 = defaultByteLimit
    ) -> (symbols: [JitDumpSymbol?], problem: String?) {
        guard let header = Header(file) else {
            return (
                queries.map { _ in nil },
                isGivenUp ? Self.silence : "it is empty, or no jitdump of this machine's kind"
            )
        }
        let (records, isComplete) = recordsByQuery(queries, header, limit: limit)
        let details = details(of: Set(records.compactMap { $0 }), header, limit: limit)
        var known: [UInt64: (name: String, lines: JitDumpLines?)] = [:]
        let symbols = zip(queries, records).map { query, record -> JitDumpSymbol? in
            guard let record, let detail = details[record] else { return nil }
            let text = known[record] ?? (name(of: detail.load), detail.lines.map { lines(in: $0) })
            known[record] = text
            // Lines are told of where the code first was.
            let place = query.address.value &- detail.start &+ detail.load.code.lowerBound
            let line = text.lines?.line(at: place)
            return JitDumpSymbol(
                name: text.name, start: Address(detail.start), file: line?.file ?? "", line: line?.line ?? 0)
        }
        if isGivenUp { return (symbols, Self.silence) }
        return (symbols, isComplete ? nil : "it is damaged, or longer than what is read")
    }

    /// For each query where the record is that last told of code there; and whether all records could be looked at.
    private func recordsByQuery(
        _ queries: [JitDumpQuery], _ header: Header, limit: UInt64
    ) -> (records: [UInt64?], isComplete: Bool) {
        let addresses = Array(Set(queries.map(\.address))).sorted()
        var cover = LastCover(addresses)
        let indexes = Dictionary(uniqueKeysWithValues: zip(addresses, addresses.indices))
        let places = queries.map { indexes[$0.address] ?? 0 }
        let order = queries.indices.sorted { queries[$0].timeNanoseconds < queries[$1].timeNanoseconds }
        var stamps = [Int](repeating: 0, count: queries.count)
        var next = 0
        let isComplete = forEachRecord(from: header.byteCount, limit: limit) { record in
            guard record.kind == .load || record.kind == .move else { return }
            while !header.hasForeignClock, next < order.count, queries[order[next]].timeNanoseconds < record.time {
                stamps[order[next]] = cover.stamp(at: places[order[next]])
                next += 1
            }
            cover.add(record.code, stamp: Int(clamping: record.offset) + 1)
        }
        let records = stamps.indices.map { index -> UInt64? in
            let stamp = stamps[index] > 0 ? stamps[index] : cover.stamp(at: places[index])
            return stamp > 0 ? UInt64(stamp - 1) : nil
        }
        return (records, isComplete)
    }

    /// The start of the file (section III of the specification): magic, version, total_size, elf_mach, padding, pid,
    /// timestamp, flags. Read late, since runtimes write it late.
    private struct Header {
        var byteCount: UInt64
        /// The times in the file are those of the CPU's own counter.
        var hasForeignClock: Bool

        init?(_ file: TargetFile) {
            guard let bytes = try? file.read(at: FileOffset(0), count: 40) else { return nil }
            var reader = ByteReader(bytes.rawSpan)
            guard let magic = try? reader.read(UInt32.self), magic == 0x4a69_5444, (try? reader.skip(4)) != nil,
                let size = try? reader.read(UInt32.self), (40...1 << 16).contains(size),
                (try? reader.seek(to: 32)) != nil, let flags = try? reader.read(UInt64.self)
            else { return nil }
            byteCount = UInt64(size)
            hasForeignClock = flags & 1 != 0
        }
    }

    private struct Detail {
        /// Where the code is by the record that was asked for.
        var start: UInt64
        var load: JitDumpRecord
        var lines: JitDumpRecord?
    }

    /// For each of the records that begin at `offsets`: the record that loaded the code, and its lines.
    private func details(of offsets: Set<UInt64>, _ header: Header, limit: UInt64) -> [UInt64: Detail] {
        guard !offsets.isEmpty else { return [:] }
        var result: [UInt64: Detail] = [:]
        let moved = Set(offsets.compactMap { record(at: $0) }.filter { $0.kind == .move }.map(\.identifier))
        var loads: [UInt64: Detail] = [:]
        var lines: JitDumpRecord?
        _ = forEachRecord(from: header.byteCount, limit: limit) { record in
            switch record.kind {
            case .lines: lines = record
            case .load:
                let detail = Detail(
                    start: record.code.lowerBound, load: record,
                    lines: lines?.code.lowerBound == record.code.lowerBound ? lines : nil)
                if offsets.contains(record.offset) { result[record.offset] = detail }
                if moved.contains(record.identifier) { loads[record.identifier] = detail }
            case .move:
                guard offsets.contains(record.offset), var detail = loads[record.identifier] else { return }
                detail.start = record.code.lowerBound
                result[record.offset] = detail
            case .other: break
            }
        }
        return result
    }

    /// Calls `body` with each record in the order of the file; false if not all of them could be looked at.
    private func forEachRecord(
        from start: UInt64, limit: UInt64, most: Int = recordLimit, _ body: (JitDumpRecord) -> Void
    ) -> Bool {
        let end = min(byteCount, limit)
        var window: [UInt8] = []
        var windowStart: UInt64 = 0
        var offset = start
        for _ in 0..<most {
            guard offset < end else { return end == byteCount }
            if offset + UInt64(JitDumpRecord.headByteCount) > windowStart + UInt64(window.count) {
                guard let bytes = try? file.read(at: FileOffset(offset), count: 1 << 16) else { return false }
                (window, windowStart) = (bytes, offset)
            }
            let position = Int(offset - windowStart)
            let head = window.rawSpan.extracting(
                position..<min(position + JitDumpRecord.headByteCount, window.count))
            // The last record may still be on its way.
            guard head.byteCount >= 16 else { return true }
            guard let record = JitDumpRecord(head, at: offset) else { return false }
            guard offset + record.byteCount <= end else { return end == byteCount }
            body(record)
            offset += record.byteCount
        }
        return false
    }

    private func record(at offset: UInt64) -> JitDumpRecord? {
        guard let head = try? file.read(at: FileOffset(offset), count: JitDumpRecord.headByteCount) else { return nil }
        return JitDumpRecord(head.rawSpan, at: offset)
    }

    private func name(of load: JitDumpRecord) -> String {
        let count = min(load.byteCount - JitDumpRecord.namePosition, 4_096)
        let bytes = try? file.read(at: FileOffset(load.offset + JitDumpRecord.namePosition), count: Int(count))
        return String(decoding: (bytes ?? []).prefix { $0 != 0 }, as: UTF8.self)
    }

    private func lines(in record: JitDumpRecord) -> JitDumpLines {
        let count = min(record.byteCount - JitDumpRecord.linesPosition, Self.linesLimit)
        let bytes =
            (try? file.read(at: FileOffset(record.offset + JitDumpRecord.linesPosition), count: Int(count))) ?? []
        return JitDumpLines(bytes.rawSpan)
    }

    /// The number in `jit-NUMBER.dump`, the last part of a path.
    private static func number(in path: String) -> Int32? {
        let name = path.split(separator: "/").last ?? ""
        guard name.hasPrefix("jit-"), name.hasSuffix(".dump") else { return nil }
        return Int32(name.dropFirst(4).dropLast(5))
    }
}
