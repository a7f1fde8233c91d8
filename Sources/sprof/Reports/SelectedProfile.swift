import ArgumentParser
import MergedStacks
import ProfileFetch
import ProfileReport
import ProfileShell
import ProfileTransform

/// What the options leave of the profiles that a command names, for commands that are no report of pprof's.
enum SelectedProfile {
    /// Hands the profile to `body`; what goes wrong is told, and ends sprof with `failureStatus`.
    static func withContext(
        _ kind: ReportKind, _ report: ReportOptionGroup, _ sources: ProfileSources, failureStatus: Int32 = 1,
        _ body: (ReportContext) throws -> Void
    ) throws {
        do {
            try body(load(kind, report.options, sources))
        } catch let code as ExitCode {
            throw code
        } catch {
            Terminal(isQuiet: false).error("\(error)")
            throw ExitCode(failureStatus)
        }
    }

    /// The profile of `sources` after the filters of `options`. Notices go to the terminal.
    static func load(_ kind: ReportKind, _ options: ReportOptions, _ sources: ProfileSources) throws -> ReportContext {
        let terminal = Terminal(isQuiet: false)
        var profile = try ReportRun.load(sources) { terminal.note($0) }
        if options.noInlines {
            var detail = FrameDetail()
            detail.inlines = false
            profile.aggregate(keeping: detail)
        }
        var maker = ReportMaker(profile)
        let context = Result { try maker.context(kind, options: options) }
        for notice in maker.notices { terminal.note(notice) }
        return try context.get()
    }

    /// What a frame is where stacks are merged by frames.
    static func detail(_ context: ReportContext) -> FrameTable.Detail {
        switch context.options.granularity {
        case .lines, .addresses: .lines
        case .files: .files
        case .functions, .fileFunctions, nil: .functions
        }
    }
}
