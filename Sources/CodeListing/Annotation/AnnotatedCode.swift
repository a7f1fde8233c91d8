import ProfileModel
import ProfileReport
import RegularExpressions

/// The routines that a pattern asks for, with measurements and places in the sources: what disassembly and web listing are made of.
struct AnnotatedCode {
    let routines: [Routine]
    let notes: [String]

    init(
        _ context: ReportContext, matching text: String, binaries: Binaries, workerExecutable: String
    ) throws(CodeListingError) {
        let pattern: CodePattern
        do {
            pattern = try CodePattern(text)
        } catch {
            throw .malformedPattern(error)
        }
        let weights = try LocationWeights(context)
        var finder = RoutineFinder(context.profile, pattern: pattern, weights: weights, binaries: binaries)
        var routines = finder.find(intelSyntax: context.options.intelSyntax)
        guard !routines.isEmpty else {
            if finder.hasMatches { throw .noCode(pattern: text, reasons: finder.notes) }
            if let address = pattern.address { throw .noCodeAtAddress(address) }
            throw .noMatch(pattern: text)
        }
        var lines = SourceLines(workerExecutable: workerExecutable)
        lines.fill(&routines, binaries: finder.binariesByPath)
        for index in routines.indices { routines[index].restrictToInlined() }
        self.routines = routines
        notes = finder.notes + lines.notes
    }
}
