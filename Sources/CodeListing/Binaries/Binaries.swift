internal import ELF
internal import Glibc
public import Primitives
public import ProfileModel

/// The files of a profile's mappings on this machine, each opened once.
///
/// Where a mapping's file lies elsewhere than when it ran, its name in the profile has to say so (`ProfileFetch` sees to that by
/// `PPROF_BINARY_PATH`). A file whose build ID differs from the profile's is not used.
public struct Binaries {
    /// What could not be used and why, for the user; each once.
    public private(set) var notes: [String] = []

    /// What a mapping says of its file. Two builds at one path are two: profiles of before and after are merged, too.
    private struct Identity: Hashable {
        let filename: String
        let buildID: String
    }

    private var opened: [Identity: Binary?] = [:]

    /// No file is open yet.
    public init() {}

    /// The file behind `mapping` of `profile`; nil if there is none to be had, and then `notes` says why.
    public mutating func binary(of mapping: Mapping, in profile: Profile) -> Binary? {
        let identity = Identity(
            filename: profile.string(mapping.filename), buildID: profile.string(mapping.buildID))
        if let known = opened[identity] { return known }
        let result = open(identity.filename, buildID: identity.buildID)
        opened[identity] = .some(result)
        return result
    }

    private mutating func open(_ path: String, buildID: String) -> Binary? {
        guard !path.isEmpty, !Self.isNoFile(path) else { return nil }
        do throws(BinaryError) {
            let binary = try Binary(opening: path)
            let found = binary.image.buildID?.description ?? ""
            guard buildID.isEmpty || buildID == found else {
                throw .buildIDMismatch(path: path, profiled: buildID, found: found.isEmpty ? "none" : found)
            }
            return binary
        } catch {
            var text = error.description
            if case .unreadable(let error) = error, error.code == ENOENT || error.code == ENOTDIR {
                text = "the binary \(path) is not here; put it into a folder of PPROF_BINARY_PATH"
                if !buildID.isEmpty { text += " (its build ID is \(buildID))" }
            }
            note(text)
            return nil
        }
    }

    private mutating func note(_ text: String) {
        if !notes.contains(text) { notes.append(text) }
    }

    /// Names of mappings that are no paths: `[vdso]`, `[kernel.kallsyms]_text`, `//anon`, `/memfd:name`.
    private static func isNoFile(_ path: String) -> Bool {
        path.hasPrefix("[") || path.hasPrefix("//anon") || path.hasPrefix("/memfd:") || path.hasPrefix("linux-vdso")
            || path.hasPrefix("/dev/dri/")
    }
}
