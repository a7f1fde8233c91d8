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
    /// What the user should know beside the last report. Where there is none, it may be the reason: a filter that matched
    /// nothing leaves nothing to list.
    public private(set) var notices: [String] = []

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

    /// The report of `command`, as JSON if `asJSON` and there is such a form of it. Sets `notices`, also where it throws.
    ///
    /// - Parameters:
    ///   - expression: The expression of a command that takes one.
    ///   - cancellation: Whether it is still wanted. A report that is given up changes nothing for later ones.
    public mutating func make(
        _ command: ReportCommand, expression: String? = nil, options: ReportOptions, asJSON: Bool = false,
        cancellation: Cancellation = .never
    ) throws(ReportFailure) -> ReportBody {
        notices = []
        if asJSON, !Self.kindsWithJSON.contains(command.kind) { throw .noJSON(command.kind) }
        let context = try context(command.kind, options: options, cancellation: cancellation)
        return try body(context, expression: expression, asJSON: asJSON)
    }

    /// What a report of `kind` is made of, after label frames and filters. Sets `notices`.
    public mutating func context(
        _ kind: ReportKind, options: ReportOptions, cancellation: Cancellation = .never
    ) throws(ReportFailure) -> ReportContext {
        notices = labelUnits.notices
        let selection = try select(kind.resolve(options), cancellation)
        notices += selection.notices
        do throws(ReportError) {
            return try ReportContext(
                selection.profile, kind: kind, options: options, total: selection.total,
                numericLabelUnits: labelUnits.units, graphs: selection.graphs,
                cancellation: cancellation)
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

    private mutating func body(
        _ context: ReportContext, expression: String?, asJSON: Bool
    ) throws(ReportFailure) -> ReportBody {
        let pattern = try Self.compile(expression)
        switch context.kind {
        case .top:
            let top = try Self.reporting { () throws(ReportError) in try TopReport(context) }
            return .text(asJSON ? top.json.text + "\n" : top.render())
        case .tree, .peek:
            let tree = try Self.reporting { () throws(ReportError) in try TreeReport(context, matching: pattern) }
            return .text(asJSON ? tree.json.text + "\n" : tree.render())
        case .dot:
            return .text(try Self.reporting { () throws(ReportError) in try DotReport(context) }.render())
        case .callgrind:
            return .callgrind(try Self.reporting { () throws(ReportError) in try CallgrindReport(context) })
        case .topproto:
            let top = try Self.reporting { () throws(ReportError) in try TopProfile(context) }
            return try Self.encode(top.profile, context.cancellation)
        case .tags:
            let tags = try Self.reporting { () throws(ReportError) in try TagsReport(context) }
            return .text(asJSON ? tags.json.text + "\n" : tags.render())
        case .proto: return try Self.encode(ProtoReport(context).profile, context.cancellation)
        case .raw: return .raw(RawReport(context))
        case .traces: return .traces(TracesReport(context))
        case .comments: return .text(CommentsReport(context).render())
        case .list, .weblist, .disasm: return try listCode(context, expression ?? "")
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

    private mutating func listCode(
        _ context: ReportContext, _ expression: String
    ) throws(ReportFailure) -> ReportBody {
        let sources = SourceFiles(
            searchPath: context.options.sourcePath, trimPath: context.options.trimPath,
            suggestedFolders: SourceFiles.foldersOfPrograms(in: profile))
        do throws(CodeListingError) {
            switch context.kind {
            case .list:
                let list = try ListReport(context, matching: expression, sources: sources)
                notices += list.notes
                return .text(list.render())
            case .weblist:
                let list = try WebListReport(context, matching: expression, sources: sources, binaries: Binaries())
                notices += list.notes
                return .text(list.render())
            default:
                let code = try DisassemblyReport(context, matching: expression, binaries: Binaries())
                notices += code.notes
                return .text(code.render())
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
