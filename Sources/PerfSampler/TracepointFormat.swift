import CPerfEvent
import Glibc
import Primitives

/// What tracefs says of a tracepoint: its number and where its fields are.
struct TracepointFormat: Equatable {
    /// Where a field lies in the record, in bytes.
    struct Field: Equatable {
        var offset: Int16
        var byteCount: Int
    }

    /// `perf_event_attr.config`.
    var identifier: UInt64
    private var fields: [String: Field]

    /// Parses a file such as events/task/task_newtask/format; nil if it has no number.
    ///
    /// A field's line is "field:pid_t pid; offset:8; size:4; signed:1;" (kernel/trace/trace_events.c `f_show`). Fields
    /// whose offset or size is not a small number are left out.
    init?(parsing text: String) {
        var identifier: UInt64?
        fields = [:]
        for line in text.split(separator: "\n") {
            if line.hasPrefix("ID:") {
                identifier = UInt64(line.dropFirst(3).drop { $0 == " " })
                continue
            }
            var name: Substring?
            var offset: Int16?
            var byteCount: Int?
            for part in line.split(separator: ";") {
                let part = part.drop { $0 == "\t" || $0 == " " }
                if part.hasPrefix("field:") { name = part.split(separator: " ").last }
                if part.hasPrefix("offset:") { offset = Int16(part.dropFirst(7)) }
                if part.hasPrefix("size:") { byteCount = Int(part.dropFirst(5)) }
            }
            if let name, let offset, let byteCount, offset >= 0, byteCount > 0 {
                fields[String(name)] = Field(offset: offset, byteCount: byteCount)
            }
        }
        guard let identifier else { return nil }
        self.identifier = identifier
    }

    /// Reads the format of `system`:`name`, from a mounted tracefs or, if there is none, from one of our own that nobody
    /// else sees; nil without the right to do so.
    init?(ofTracepoint name: String, in system: String) {
        let path = "events/\(system)/\(name)/format"
        for root in ["/sys/kernel/tracing/", "/sys/kernel/debug/tracing/"] {
            guard let text = text(ofSmallFile: root + path) else { continue }
            self.init(parsing: text)
            return
        }
        let mount = cperf_mount_tracefs()
        guard mount >= 0 else { return nil }
        let root = FileDescriptor(owning: mount)
        let opened = unsafe openat(root.raw, path, O_RDONLY | O_CLOEXEC)
        guard opened >= 0, let bytes = try? FileDescriptor(owning: opened).readToEnd(limit: 1 << 16) else { return nil }
        self.init(parsing: String(decoding: bytes, as: UTF8.self))
    }

    /// The field `name`; nil if the kernel has none.
    subscript(name: String) -> Field? { fields[name] }
}
