internal import Glibc
internal import Primitives

/// What `/proc/PID/status` says of a process's identity (proc_pid_status(5)).
struct ProcessStatus: Equatable {
    /// The effective user.
    let userID: uid_t
    /// The number that the process has for itself: in the innermost of its pid namespaces.
    let innermostID: Int32

    /// Nil if the process is gone or its status is not readable.
    init?(of process: ProcessID) {
        guard let bytes = contents(ofSmallFile: "/proc/\(process)/status") else { return nil }
        self.init(bytes, outermostID: process.value)
    }

    /// From the file's contents. Kernels before 4.1 have no `NSpid`: then the number is `outermostID`.
    init?(_ bytes: [UInt8], outermostID: Int32) {
        var userID: uid_t?
        var innermostID = outermostID
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let fields = line.split { $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: " ") }
                .map { String(decoding: $0, as: UTF8.self) }
            switch fields.first {
            case "Uid:" where fields.count > 2: userID = uid_t(fields[2])
            case "NSpid:": innermostID = fields.last.flatMap { Int32($0) } ?? outermostID
            default: continue
            }
        }
        guard let userID, innermostID > 0 else { return nil }
        self.userID = userID
        self.innermostID = innermostID
    }
}
