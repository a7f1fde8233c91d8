public import Primitives
public import TargetFiles

/// An open file that several owners share; closed with the last of them.
public final class OpenFile: Sendable {
    /// The descriptor, open for reading.
    public let descriptor: FileDescriptor

    /// Takes ownership.
    public init(_ descriptor: consuming FileDescriptor) {
        self.descriptor = descriptor
    }
}

/// One file and the addresses in it that need names.
public struct SymbolizeRequest: Sendable {
    /// Where the file was when it ran, for finding debug files beside it and for messages.
    public var path: String
    /// The build that ran, nil if unknown.
    public var buildID: BuildID?
    /// The file as it ran, open, so that it may be deleted or replaced by now.
    public var file: OpenFile?
    /// The same, if it is a file of a sampled process, instead of `file`.
    public var target: TargetFile?
    /// The bytes of an image that is no file (the vDSO), instead of `file`.
    public var image: [UInt8]?
    /// The folder that is the root directory of the process, such as `/proc/123/root`; empty for our own.
    public var searchRoot: String
    /// Whether debug files may be fetched from the servers in `DEBUGINFOD_URLS`.
    public var debuginfod: Bool
    /// The addresses, in ascending order.
    public var addresses: [FileAddress]

    /// A request of these parts; one of `file`, `target` and `image` is needed.
    public init(
        path: String, buildID: BuildID? = nil, file: OpenFile? = nil, target: TargetFile? = nil, image: [UInt8]? = nil,
        searchRoot: String = "", debuginfod: Bool = false, addresses: [FileAddress]
    ) {
        self.path = path
        self.buildID = buildID
        self.file = file
        self.target = target
        self.image = image
        self.searchRoot = searchRoot
        self.debuginfod = debuginfod
        self.addresses = addresses
    }
}

/// The names of one file's addresses.
public struct SymbolizeAnswer: Hashable, Sendable {
    /// One for each address of the request, in its order.
    public var addresses: [SymbolizedAddress]
    /// What a user should know, such as debug information of another build.
    public var warnings: [String]
    /// Where the names came from, for a reader.
    public var source: String
    /// What was tried: not the full effort if workers failed over the file.
    public var effort: SymbolizeEffort
    /// What the sandbox lacked in which the file was read.
    var missingWalls: DecoderSandbox.Missing = []
    /// The same in words, such as `seccomp`; empty in a whole sandbox.
    public var sandboxGaps: [String] { missingWalls.names }

    /// An answer of these parts.
    public init(
        addresses: [SymbolizedAddress], warnings: [String] = [], source: String = "", effort: SymbolizeEffort = .full
    ) {
        self.addresses = addresses
        self.warnings = warnings
        self.source = source
        self.effort = effort
    }
}

/// Why a file's addresses have no names.
public enum SymbolizeFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The worker ended over this file, each time: what it left ("killed by signal 11").
    case workerEnded(String)
    /// The worker took longer than the limit, each time.
    case timedOut(seconds: Int)
    /// The worker's answer was not one, each time.
    case invalidAnswer
    /// No worker could be started.
    case cannotStart(SystemError)
    /// The file is too large a request, cannot be opened, or is none that holds symbols: the worker's words.
    case file(String)

    /// What happened, for the user.
    public var description: String {
        switch self {
        case .workerEnded(let end): "the symbolizing worker ended over this file: " + end
        case .timedOut(let seconds): "symbolizing this file took longer than \(seconds) s"
        case .invalidAnswer: "the symbolizing worker gave an invalid answer for this file"
        case .cannotStart(let error): "cannot start a symbolizing worker: " + error.description
        case .file(let message): message
        }
    }
}
