public import ProfileModel
public import ProfileReport
import RegularExpressions

/// The sources of functions with what was measured at each line: what `pprof -list` prints.
///
/// Facts: google/pprof `internal/report/source.go`, `printSource`.
public struct ListReport {
    /// A line of a source file.
    struct SourceLine {
        var number: Int64
        var text: String
        var weight: Weight
    }

    /// A function in a file.
    struct Section {
        var function: String
        /// Nil where the profile names no file.
        var file: String?
        var total: Weight
        var lines: Result<[SourceLine], SourceFiles.Missing>
    }

    /// What was found elsewhere or not at all, for the user.
    public let notes: [String]

    private(set) var sections: [Section] = []
    private let context: ReportContext

    /// Lines before the first and behind the last one with samples.
    private static let margin: Int64 = 5

    /// The functions whose names match `pattern`, by name and file.
    public init(
        _ context: ReportContext, matching pattern: String, sources: SourceFiles
    ) throws(CodeListingError) {
        let expression: RegularExpression
        do {
            expression = try RegularExpression(pattern)
        } catch {
            throw .malformedPattern(error)
        }
        var sources = sources
        let nodes = try SourceNodes(context, matching: expression).nodes
        guard !nodes.isEmpty else { throw .noMatch(pattern: pattern) }
        self.context = context
        for (function, files) in SourceNodes.grouped(nodes) {
            if files.isEmpty {
                sections.append(Section(function: function, file: nil, total: Weight(), lines: .success([])))
            }
            for (file, nodes) in files {
                var total = Weight()
                for node in nodes { total += node.weight }
                let lines = Self.lines(of: file, nodes: nodes, in: &sources)
                sections.append(Section(function: function, file: file, total: total, lines: lines))
            }
        }
        notes = sources.notes
    }

    /// The listing as text, with a newline at its end.
    public func render() -> String {
        var text = "Total: \(context.format(context.total))\n"
        for section in sections {
            guard let file = section.file else {
                text += "No source information for \(section.function)\n"
                continue
            }
            text += "ROUTINE ======================== \(section.function) in \(file)\n"
            text += context.sums(flat: section.total.flat, cumulative: section.total.cumulative)
            switch section.lines {
            case .failure(let missing):
                text += " Error: \(missing)\n"
            case .success(let lines):
                for line in lines {
                    text += padded(context.formatOrDot(line.weight.flat), to: 10) + " "
                    text += padded(context.formatOrDot(line.weight.cumulative), to: 10) + " "
                    text += padded(String(line.number), to: 6) + ":" + line.text + "\n"
                }
            }
        }
        return text
    }

    private static func lines(
        of file: String, nodes: [SourceNodes.Node], in sources: inout SourceFiles
    ) -> Result<[SourceLine], SourceFiles.Missing> {
        let text: [String]
        do throws(SourceFiles.Missing) {
            text = try sources.lines(of: file)
        } catch {
            return .failure(error)
        }
        var byLine: [Int64: Weight] = [:]
        var first = Int64.max
        var last = Int64.min
        for node in nodes {
            byLine[node.line, default: Weight()] += node.weight
            let (before, overflow) = node.line.subtractingReportingOverflow(margin)
            first = min(first, node.startLine != 0 ? node.startLine : overflow ? .min : before)
            let (behind, overflows) = node.line.addingReportingOverflow(margin)
            last = max(last, overflows ? .max : behind)
        }
        first = max(first, 1)
        last = min(last, Int64(text.count))
        guard first <= last else { return .success([]) }
        return .success(
            (first...last).map {
                SourceLine(number: $0, text: text[Int($0) - 1], weight: byLine[$0] ?? Weight())
            })
    }
}
