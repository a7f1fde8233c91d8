import CodeListing
public import PprofCommands
public import Primitives
public import ProfileModel
public import ProfileReport
import ProfileTransform
import ProfileWriter
import RegularExpressions

/// Makes reports of one profile. The profile is read once, and what the filters leave of it is kept for the next report.
///
/// The order of the steps is pprof's: google/pprof `internal/driver/driver.go`, `generateRawReport`.
public struct ReportMaker: Sendable {
    /// What reports are made of.
    public let profile: Profile

    /// A finished report.
    public struct Report: Sendable {
        /// The text, or a file in a format of its own.
        public var body: ReportBody
        /// What the user should know beside it.
        public var notices: [String] = []
    }

    private let labelUnits: NumericLabelUnits
    private var lastSelection: ProfileSelection?

    /// Reports on `profile`, which has to be valid. O(samples).
    public init(_ profile: Profile) {
        self.profile = profile
        labelUnits = NumericLabelUnits(profile)
    }

    /// The lines about the profile with which a shell greets, and whether there is nothing to show for the sample type.
    public func greeting(_ options: ReportOptions) throws(ReportError) -> (lines: [String], isEmpty: Bool) {
        let context = try ReportContext(profile, kind: .top, options: options)
        return (context.profileLines(in: options.unit), context.total == 0)
    }

    /// The report of `command`, as JSON if `asJSON` and there is such a form of it.
    ///
    /// - Parameters:
    ///   - expression: The expression of a command that takes one.
    ///   - cancellation: Whether it is still wanted. A report that is given up changes nothing for later ones.
    public mutating func make(
        _ command: ReportCommand, expression: String? = nil, options: ReportOptions, asJSON: Bool = false,
        cancellation: Cancellation = .never
    ) throws(ReportFailure) -> Report {
        if asJSON, !Self.kindsWithJSON.contains(command.kind) { throw .noJSON(command.kind) }
        let (context, notices) = try context(command.kind, options: options, cancellation: cancellation)
        var report = Report(body: .bytes([]), notices: notices)
        try write(context, expression: expression, asJSON: asJSON, into: &report)
        return report
    }

    /// What a report of `kind` is made of, after label frames and filters; and what the user should know beside it.
    public mutating func context(
        _ kind: ReportKind, options: ReportOptions, cancellation: Cancellation = .never
    ) throws(ReportFailure) -> (context: ReportContext, notices: [String]) {
        let selection = try select(kind.resolve(options), cancellation)
        do throws(ReportError) {
            let context = try ReportContext(
                selection.profile, kind: kind, options: options, total: selection.total,
                numericLabelUnits: labelUnits.units, graphs: selection.graphs,
                cancellation: cancellation)
            return (context, labelUnits.notices + selection.notices)
        } catch {
            throw .report(error)
        }
    }

    private static let kindsWithJSON: Set<ReportKind> = [.top, .tree, .peek, .tags]

    /// What the options leave of the profile; worked out anew only when other parts are asked for.
    private mutating func select(
        _ options: ReportOptions, _ cancellation: Cancellation
    ) throws(ReportFailure) -> ProfileSelection {
        if let last = lastSelection, last.isSelection(of: options) { return last }
        let selection = try ProfileSelection(
            profile, options, units: labelUnits.units, cancellation: cancellation)
        lastSelection = selection
        return selection
    }

    private func write(
        _ context: ReportContext, expression: String?, asJSON: Bool, into report: inout Report
    ) throws(ReportFailure) {
        let pattern = try Self.compile(expression)
        switch context.kind {
        case .top:
            let top = try Self.reporting { () throws(ReportError) in try TopReport(context) }
            report.body = .text(asJSON ? top.json.text + "\n" : top.render())
        case .tree, .peek:
            let tree = try Self.reporting { () throws(ReportError) in try TreeReport(context, matching: pattern) }
            report.body = .text(asJSON ? tree.json.text + "\n" : tree.render())
        case .dot:
            report.body = .text(try Self.reporting { () throws(ReportError) in try DotReport(context) }.render())
        case .callgrind:
            report.body = .callgrind(try Self.reporting { () throws(ReportError) in try CallgrindReport(context) })
        case .topproto:
            let top = try Self.reporting { () throws(ReportError) in try TopProfile(context) }
            report.body = try Self.encode(top.profile, context.cancellation)
        case .tags:
            let tags = try Self.reporting { () throws(ReportError) in try TagsReport(context) }
            report.body = .text(asJSON ? tags.json.text + "\n" : tags.render())
        case .proto: report.body = try Self.encode(ProtoReport(context).profile, context.cancellation)
        case .raw: report.body = .raw(RawReport(context))
        case .traces: report.body = .traces(TracesReport(context))
        case .comments: report.body = .text(CommentsReport(context).render())
        case .list, .weblist, .disasm: try listCode(context, expression ?? "", into: &report)
        }
    }

    private static func reporting<Report>(
        _ make: () throws(ReportError) -> Report
    ) throws(ReportFailure) -> Report {
        do throws(ReportError) {
            return try make()
        } catch {
            throw .report(error)
        }
    }

    private func listCode(
        _ context: ReportContext, _ expression: String, into report: inout Report
    ) throws(ReportFailure) {
        let sources = SourceFiles(searchPath: context.options.sourcePath, trimPath: context.options.trimPath)
        do throws(CodeListingError) {
            switch context.kind {
            case .list:
                let list = try ListReport(context, matching: expression, sources: sources)
                report.body = .text(list.render())
                report.notices += list.notes
            case .weblist:
                let list = try WebListReport(context, matching: expression, sources: sources, binaries: Binaries())
                report.body = .text(list.render())
                report.notices += list.notes
            default:
                let code = try DisassemblyReport(context, matching: expression, binaries: Binaries())
                report.body = .text(code.render())
                report.notices += code.notes
            }
        } catch {
            throw .code(error)
        }
    }

    private static func compile(_ expression: String?) throws(ReportFailure) -> RegularExpression? {
        guard let expression else { return nil }
        do throws(RegularExpression.Malformed) {
            return try RegularExpression(expression)
        } catch {
            throw .expression(expression, error)
        }
    }

    private static func encode(
        _ profile: Profile, _ cancellation: Cancellation
    ) throws(ReportFailure) -> ReportBody {
        let encoded = AbandonableWork.run(unless: cancellation) {
            Result {
                let message = try ProfileEncoder.encode(profile)
                return try Gzip.compress(message.rawSpan)
            }
        }
        guard let encoded else { throw .report(.cancelled) }
        do {
            return .bytes(try encoded.get())
        } catch {
            throw .encoding("\(error)")
        }
    }
}
