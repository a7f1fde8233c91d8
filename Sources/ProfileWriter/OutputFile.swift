import Glibc
import Primitives

/// A file in the making, which takes its name when it is complete: nobody ever reads half of it, and a full disk does not
/// cost the previous one.
///
/// Where it goes is said by `ProfileFile`. If its owner drops it before `finish`, nothing is left of it, but for what went
/// to a pipe or device already.
public final class OutputFile {
    private var file: FileDescriptor?
    /// What messages call it.
    private let name: String
    /// The path it is written at, and the one that it gets; nil if it is written in its place.
    private var replacement: (temporary: String, path: String)?

    /// A file for `path`, where there may be one already.
    public init(_ path: String) throws(ProfileFileError) {
        switch try ProfileFile.destination(of: path) {
        case .standardOutput:
            name = "standard output"
            // A duplicate, so that closing it leaves standard output open.
            let copy = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)
            guard copy >= 0 else { throw .cannotWrite(name, .last("use standard output")) }
            file = FileDescriptor(owning: copy)
        case .direct(let path):
            name = path
            do {
                file = try FileDescriptor(opening: path, O_WRONLY)
            } catch {
                throw .cannotWrite(path, error)
            }
        case .replace(let path, let mode):
            name = path
            let (temporary, raw) = try ProfileFile.createTemporary(beside: path)
            file = FileDescriptor(owning: raw)
            replacement = (temporary, path)
            // The permissions of a file that is replaced stay; a new one gets what umask leaves of 0644.
            if let mode, fchmod(raw, mode) != 0 { throw .cannotWrite(path, .last("set permissions")) }
        }
    }

    deinit {
        if let replacement { unsafe _ = unlink(replacement.temporary) }
    }

    /// Appends `bytes`.
    public func write(_ bytes: RawSpan) throws(ProfileFileError) {
        do throws(SystemError) {
            try file?.write(bytes)
        } catch {
            throw .cannotWrite(name, error)
        }
    }

    /// Ends the file and gives it its name.
    public func finish() throws(ProfileFileError) {
        guard let raw = file.take()?.release() else { return }
        // Some file systems tell only here that the disk is full. No fsync: on a busy disk it can take seconds, and
        // file systems that delay writing handle the rename of a new file over an old one.
        guard close(raw) == 0 else { throw .cannotWrite(name, .last("close")) }
        guard let (temporary, path) = replacement else { return }
        guard unsafe rename(temporary, path) == 0 else { throw .cannotWrite(path, .last("rename " + temporary)) }
        replacement = nil
    }
}
