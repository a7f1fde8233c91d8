import Glibc
import Primitives
public import ProfileModel

/// Puts finished profiles into files, whole or not at all.
///
/// The path `-` means standard output. A path that exists and is no regular file (a pipe, `/dev/null`) is written to
/// directly; any other gets a temporary file beside it that takes its name when it is complete, so that nobody ever
/// reads half a profile and a full disk does not cost the previous one.
public enum ProfileFile {
    /// Throws what would keep a profile from being written to `path`, as far as can be known beforehand: called before
    /// a recording starts, so that no recording is made in vain.
    public static func checkWritable(_ path: String) throws(ProfileFileError) {
        switch try destination(of: path) {
        case .standardOutput:
            break
        case .direct(let path):
            guard unsafe faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0 else {
                throw .cannotWrite(path, .last("write " + path))
            }
        case .replace(let path, let mode):
            let directory = directory(of: path)
            guard unsafe faccessat(AT_FDCWD, directory, W_OK | X_OK, AT_EACCESS) == 0 else {
                throw .directory(directory, .last("write into " + directory))
            }
            if mode != nil, unsafe faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) != 0 {
                throw .cannotWrite(path, .last("replace " + path))
            }
            // Permissions do not tell of file systems that let nobody make files, and of full ones.
            let (temporary, raw) = try createTemporary(beside: path)
            _ = close(raw)
            _ = unsafe unlink(temporary)
        }
    }

    /// Encodes, compresses and writes `profile`.
    ///
    /// - Parameters:
    ///   - path: Where to; see the type's description.
    ///   - compressed: Whether to gzip, which every reader of pprof files expects and none needs.
    /// - Returns: The size of what was written, in bytes.
    @discardableResult
    public static func write(
        _ profile: Profile, to path: String, compressed: Bool = true
    ) throws(ProfileFileError) -> UInt64 {
        let contents: [UInt8]
        do {
            let message = try ProfileEncoder.encodedBuffer(profile)
            contents = compressed ? try Gzip.compress(message.bytes) : [UInt8](copying: message.bytes)
        } catch {
            throw ProfileFileError(code: .cannotEncode, message: "cannot write \(path): \(error)", errno: 0)
        }
        try write(contents, to: path)
        return UInt64(contents.count)
    }

    /// Writes `contents` as they are.
    public static func write(_ contents: [UInt8], to path: String) throws(ProfileFileError) {
        let file = try OutputFile(path)
        try file.write(contents.rawSpan)
        try file.finish()
    }

    // MARK: - Where to

    enum Destination {
        case standardOutput
        /// An existing file that is not a regular one.
        case direct(String)
        /// A regular file (then with its permissions), or nothing yet. Symbolic links are resolved, so that the link
        /// stays and the file behind it is replaced.
        case replace(String, mode: mode_t?)
    }

    static func destination(of path: String) throws(ProfileFileError) -> Destination {
        if path == "-" {
            guard isatty(STDOUT_FILENO) == 0 else { throw .terminal }
            return .standardOutput
        }
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw .cannotWrite(path, SystemError(code: EINVAL, operation: "write"))
        }
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            switch errno {
            case ENOENT: return try newFile(path)
            case let code: throw .cannotWrite(path, SystemError(code: code, operation: "write"))
            }
        }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: throw .isDirectory(path)
        case S_IFREG: return .replace(try resolved(path), mode: status.st_mode & 0o777)
        default: return .direct(path)
        }
    }

    private static func newFile(_ path: String) throws(ProfileFileError) -> Destination {
        if path.hasSuffix("/") { throw .isDirectory(path) }
        let directory = directory(of: path)
        var status = stat()
        guard unsafe stat(directory, &status) == 0 else {
            throw .directory(directory, .last("write into " + directory))
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw .directory(directory, SystemError(code: ENOTDIR, operation: "write into " + directory))
        }
        // A symbolic link to nothing is here too; renaming replaces the link, which is what is left to do.
        return .replace(path, mode: nil)
    }

    private static func resolved(_ path: String) throws(ProfileFileError) -> String {
        guard let resolved = unsafe realpath(path, nil) else { throw .cannotWrite(path, .last("resolve " + path)) }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }

    private static func directory(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// A new file in the directory of `path`, open for writing.
    static func createTemporary(
        beside path: String
    ) throws(ProfileFileError) -> (path: String, raw: Int32) {
        let directory = directory(of: path)
        while true {
            // A name of its own rather than one made from the target's, which may be as long as names can be.
            let name = directory + "/.sprof-\(getpid())-\(UInt32.random(in: 0 ... .max))"
            let raw = retryOnInterrupt {
                unsafe open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
            }
            if raw >= 0 { return (name, raw) }
            if errno != EEXIST { throw .directory(directory, .last("create a file in " + directory)) }
        }
    }
}
