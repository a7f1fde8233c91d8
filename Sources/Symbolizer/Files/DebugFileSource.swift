internal import Primitives

/// Where debug files come from: the file system of the process that was sampled, and servers.
///
/// A worker decodes files without the right to open any, so it asks its broker; tests and tools open them themselves.
protocol DebugFileSource: AnyObject {
    /// The regular file at `path`, as the process saw it; nil if there is none to be read.
    func open(_ path: String) -> FoundFile?
    /// `path` as the process saw it, where it starts with the folder that is the process's root.
    func inside(_ path: String) -> String
    /// The debug information of the file with this build ID, from debuginfod servers.
    func fetch(_ buildID: BuildID) -> Debuginfod.Answer
}

/// An open file and where it is, seen from our own root.
struct FoundFile: ~Copyable {
    var descriptor: FileDescriptor
    var path: String
}

/// Files that this process opens itself.
final class LocalFiles: DebugFileSource {
    private let root: SearchRoot
    private let debuginfod: Debuginfod

    init(_ options: SymbolizerOptions) {
        root = SearchRoot(options.searchRoot)
        debuginfod = Debuginfod(budgetSeconds: options.debuginfodTimeoutSeconds)
    }

    func open(_ path: String) -> FoundFile? {
        guard let descriptor = root.open(path) else { return nil }
        return FoundFile(descriptor: descriptor, path: root.shown(path))
    }

    func inside(_ path: String) -> String { root.inside(path) }

    func fetch(_ buildID: BuildID) -> Debuginfod.Answer { debuginfod.find(buildID) }
}
