import ArgumentParser
import CodeListing
import PprofCommands
import ProfileFetch
import ProfileModel
import ProfileReport
import ProfileShell
import Symbolizer

/// One report of a subcommand, from the sources to where it goes.
struct ReportRun {
    let name: String
    var expression: String?
    var asJSON = false

    /// Makes the report; what goes wrong is told, and ends sprof with status 1.
    func run(options: ReportOptions, sources: ProfileSources) throws {
        let terminal = Terminal(isQuiet: false)
        do {
            guard let command = ReportCommand.named(name) else { throw ExitCode(70) }
            var maker = ReportMaker(try Self.load(sources) { terminal.note($0) })
            let body = Result {
                try maker.make(command, expression: expression, options: options, asJSON: asJSON)
            }
            for notice in maker.notices { terminal.note(notice) }
            var delivery = ReportDelivery(isInteractive: false, environment: text(ofEnvironment:)) { terminal.note($0) }
            defer { delivery.removeTemporaryFiles() }
            try delivery.deliver(body.get(), of: command, output: options.output)
        } catch let code as ExitCode {
            throw code
        } catch {
            terminal.error("\(error)")
            throw ExitCode(1)
        }
    }

    /// The profile that `sources` make, with names from this machine's files where it has none.
    static func load(_ sources: ProfileSources, notice: @escaping (String) -> Void) throws -> Profile {
        let loader = ProfileLoader(environment: text(ofEnvironment:), notice: notice) { profile, isForced in
            var binaries = Binaries()
            return LocalSymbolization(force: isForced).fill(&profile, binaries: &binaries).notes
        } demangle: {
            NameWorker.readableNames(of: $0)
        }
        return try loader.load(sources)
    }
}
