import Primitives
public import ProfileModel
public import ProfileReport

/// A web page of the sources of functions; under each line its machine code: what `pprof -weblist` shows.
public struct WebListReport {
    /// Machine code under a line of source.
    struct Instructions {
        /// An instruction and the inlined calls that it comes from, outermost first.
        struct Row {
            var address: UInt64
            var text: String
            var weight: Weight
            var calls: [Routine.Frame]
            /// Where it comes from itself.
            var place: Routine.Frame
            var startsBlock: Bool
        }
        var rows: [Row] = []
    }

    /// A function in a file, and the instructions of its lines.
    struct Section {
        var listing: ListReport.Section
        var instructions: [Int64: Instructions]
    }

    /// What was found elsewhere or not at all, for the user.
    public let notes: [String]

    let sections: [Section]
    let context: ReportContext
    /// The lines of inlined callees, for showing them among the instructions.
    let calleeLines: [Routine.Frame: String]

    /// The functions whose names match `pattern`.
    ///
    /// - Parameters:
    ///   - binaries: Where to look for the binaries; a function without one is shown without machine code.
    ///   - workerExecutable: The program that looks up lines; see `SymbolizerPool.init`.
    public init(
        _ context: ReportContext, matching pattern: String, sources: SourceFiles, binaries: Binaries,
        workerExecutable: String = "/proc/self/exe"
    ) throws(CodeListingError) {
        let listing = try ListReport(context, matching: pattern, sources: sources)
        var notes = listing.notes
        var routines: [Routine] = []
        do throws(CodeListingError) {
            let code = try AnnotatedCode(
                context, matching: pattern, binaries: binaries, workerExecutable: workerExecutable)
            routines = code.routines
            notes += code.notes
        } catch {
            notes.append(error.description)
        }
        let prefixes = SourcePrefixes(trimPath: context.options.trimPath, searchPath: context.options.sourcePath)
        let byFunction = Dictionary(grouping: routines) { $0.name }
        var sources = sources
        var calleeLines: [Routine.Frame: String] = [:]
        sections = listing.sections.map { section in
            var instructions: [Int64: Instructions] = [:]
            for routine in byFunction[section.function] ?? [] {
                Self.distribute(routine, section, prefixes, into: &instructions)
            }
            for row in instructions.values.lazy.flatMap(\.rows) {
                for frame in row.calls where calleeLines[frame] == nil {
                    calleeLines[frame] = sources.line(frame.line, of: frame.file) ?? ""
                }
            }
            return Section(listing: section, instructions: instructions)
        }
        self.calleeLines = calleeLines
        self.context = context
        self.notes = notes
    }

    /// Puts each instruction of `routine` under the line of the function of `section` that it comes from.
    private static func distribute(
        _ routine: Routine, _ section: ListReport.Section, _ prefixes: SourcePrefixes,
        into instructions: inout [Int64: Instructions]
    ) {
        var lastLine: Int64?
        for line in routine.lines {
            let own = line.frames.firstIndex {
                ($0.name == routine.name || $0.systemName == routine.systemName)
                    && cleanPath(prefixes.removed(from: $0.file)) == section.file
            }
            guard let own else {
                lastLine = nil
                continue
            }
            let number = line.frames[own].line
            let row = Instructions.Row(
                address: line.instruction.address.value, text: line.text, weight: line.weight,
                calls: line.frames[..<own].reversed(), place: line.frames[0],
                startsBlock: lastLine != number && instructions[number] != nil)
            instructions[number, default: Instructions()].rows.append(row)
            lastLine = number
        }
    }
}
