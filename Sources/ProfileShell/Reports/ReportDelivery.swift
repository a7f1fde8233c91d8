import Glibc
public import GraphDrawing
public import PprofCommands
public import Primitives
import ProfileFetch
public import ProfileWriter

/// Brings a report to where the user wants it: drawn if it is a graph, to standard output, to a file or to a viewer.
public struct ReportDelivery {
    /// Why a report did not arrive.
    public enum Failure: Error, CustomStringConvertible {
        case drawing(Graphviz.Failure)
        case file(ProfileFileError)
        case system(SystemError)
        case viewer(status: Int32)
        case interrupted

        public var description: String {
            switch self {
            case .drawing(let failure): failure.description
            case .file(let error): error.description
            case .system(let error): error.description
            case .viewer(let status): "exit status \(status)"
            case .interrupted: "interrupted"
            }
        }
    }

    /// Whether other commands may follow: viewers run beside them, and nothing that is not text goes to the terminal.
    private let isInteractive: Bool
    private let environment: (String) -> String?
    private let notice: (String) -> Void
    /// How much is written at a time.
    private static let partSize = 1 << 14

    /// Files for viewers, which go when sprof ends.
    private var temporaryFiles: [String] = []

    /// - Parameters:
    ///   - isInteractive: Whether other commands may follow.
    ///   - environment: The value of an environment variable.
    ///   - notice: Tells the user something beside the report.
    public init(
        isInteractive: Bool, environment: @escaping (String) -> String?, notice: @escaping (String) -> Void
    ) {
        self.isInteractive = isInteractive
        self.environment = environment
        self.notice = notice
    }

    /// Brings `body`, the report of `command`, to `output`, or if that is empty to where the command's reports go.
    public mutating func deliver(
        _ body: ReportBody, of command: ReportCommand, output: String
    ) throws(Failure) {
        let body = command.drawing == .none ? body : .bytes(try draw(whole(body), command.drawing))
        if !output.isEmpty {
            notice("Generating report in \(output)")
            return try write(body, to: output)
        }
        switch command.destination {
        case .awayFromTerminal(let fileExtension) where isInteractive || isatty(STDOUT_FILENO) == 1:
            let path = try newFile(body, folder: "", prefix: "profile", suffix: "." + fileExtension)
            notice("Generating report in \(path)")
        case .standardOutput, .awayFromTerminal:
            try writeToStandardOutput(body)
        case .viewer(let fileExtension, let viewer):
            let path = try newFile(body, folder: temporaryFolder, prefix: "pprof", suffix: "." + fileExtension)
            temporaryFiles.append(path)
            try show(path, viewer)
        }
    }

    /// Removes what was made for viewers.
    public mutating func removeTemporaryFiles() {
        for path in temporaryFiles { unsafe _ = unlink(path) }
        temporaryFiles = []
    }

    /// The report as a whole.
    private func whole(_ body: ReportBody) throws(Failure) -> [UInt8] {
        if case .bytes(let bytes) = body { return bytes }
        var all: [UInt8] = []
        try body.write { piece throws(Failure) in
            try proceed()
            unsafe piece.withUnsafeBytes { unsafe all.append(contentsOf: $0) }
        }
        return all
    }

    /// Throws once Ctrl-C was typed.
    private func proceed() throws(Failure) {
        if ShellInterrupts.isPending { throw .interrupted }
    }

    private func draw(_ contents: [UInt8], _ drawing: ReportCommand.Drawing) throws(Failure) -> [UInt8] {
        do throws(Graphviz.Failure) {
            switch drawing {
            case .none: return contents
            case .graphviz(let format): return try Graphviz.draw(contents, as: format)
            case .scalableGraphics:
                return ScalableGraphics.interactive(try Graphviz.draw(contents, as: "svg"))
            }
        } catch {
            // The terminal sends Ctrl-C to the program that draws, too.
            try proceed()
            throw .drawing(error)
        }
    }

    private func show(_ path: String, _ viewer: ReportCommand.Viewer) throws(Failure) {
        let commands: [String]
        switch viewer {
        case .browser: commands = Viewer.browsers(environment)
        case .program(let command): commands = [command]
        }
        let status: Int32
        do throws(SystemError) {
            status = try Viewer.show(path, with: commands, waits: !isInteractive)
        } catch {
            throw .system(error)
        }
        if status != 0 { throw .viewer(status: status) }
    }

    private func newFile(
        _ body: ReportBody, folder: String, prefix: String, suffix: String
    ) throws(Failure) -> String {
        let contents = try whole(body)
        do throws(SystemError) {
            return try NumberedFile.write(contents, folder: folder, prefix: prefix, suffix: suffix)
        } catch {
            throw .system(error)
        }
    }

    private func write(_ body: ReportBody, to path: String) throws(Failure) {
        do {
            let file = try OutputFile(path)
            try body.write { piece in
                try proceed()
                try file.write(piece)
            }
            try proceed()
            try file.finish()
        } catch let error as ProfileFileError {
            throw .file(error)
        } catch {
            throw .interrupted
        }
    }

    private func writeToStandardOutput(_ body: ReportBody) throws(Failure) {
        let output = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)
        guard output >= 0 else { throw .system(.last("use standard output")) }
        let file = FileDescriptor(owning: output)
        try body.write { piece throws(Failure) in
            for start in stride(from: 0, to: piece.byteCount, by: Self.partSize) {
                // Ctrl-C ends what is written, as far as it has not gone out.
                try proceed()
                let part = piece.extracting(start..<min(start + Self.partSize, piece.byteCount))
                do throws(SystemError) {
                    try file.write(part)
                } catch {
                    throw .system(error)
                }
            }
        }
        try proceed()
    }
}
