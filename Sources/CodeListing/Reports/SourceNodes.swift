import ProfileModel
import ProfileReport
import RegularExpressions

/// The lines of functions that match an expression, with what was measured at each.
struct SourceNodes {
    /// A line of a function in a file.
    struct Node {
        var function: String
        var file: String
        var startLine: Int64
        var line: Int64
        var weight: Weight
    }

    private struct Key: Hashable {
        var function: StringID
        var file: String
        var startLine: Int64
        var line: Int64
        var column: Int64
        var mapping: StringID
    }

    /// The lines where something was measured.
    let nodes: [Node]

    init(_ context: ReportContext, matching expression: RegularExpression) throws(CodeListingError) {
        let profile = context.profile
        let prefixes = SourcePrefixes(trimPath: context.options.trimPath, searchPath: context.options.sourcePath)
        let matches = profile.functions.map { expression.matches(profile.string($0.name)) }
        let files = profile.functions.enumerated().map { index, function in
            matches[index] ? cleanPath(prefixes.removed(from: profile.string(function.filename))) : ""
        }
        // The nodes of each location's lines, innermost first; -1 for a line that does not match.
        var keys: [Key: Int32] = [:]
        var found: [Node] = []
        var nodesOfLocation: [[Int32]] = []
        for location in profile.locations {
            let lines = context.options.noInlines ? location.lines.suffix(1) : location.lines[...]
            nodesOfLocation.append(
                lines.map { line -> Int32 in
                    let index = Int(line.function.rawValue)
                    guard matches[index] else { return -1 }
                    let function = profile.functions[index]
                    let key = Key(
                        function: function.name, file: files[index], startLine: function.startLine, line: line.line,
                        column: context.options.showColumns ? line.column : 0,
                        mapping: location.mapping.map { profile.mappings[Int($0.rawValue)].filename } ?? .empty)
                    if let known = keys[key] { return known }
                    let node = Int32(found.count)
                    keys[key] = node
                    found.append(
                        Node(
                            function: profile.string(function.name), file: files[index],
                            startLine: function.startLine, line: line.line, weight: Weight()))
                    return node
                })
        }
        try Self.addUp(context, nodesOfLocation, &found)
        nodes = found.filter {
            !$0.weight.isZero
                && !(context.options.dropNegative
                    && ($0.weight.flat < 0 || $0.weight.flat == 0 && $0.weight.cumulative < 0))
        }
    }

    private static func addUp(
        _ context: ReportContext, _ nodesOfLocation: [[Int32]], _ found: inout [Node]
    ) throws(CodeListingError) {
        let profile = context.profile
        var lastSeen = [Int](repeating: -1, count: found.count)
        for sample in profile.samples.indices {
            try context.checkCancellation(at: sample)
            let value = context.values.value(profile.samples, at: sample)
            let divisor = context.values.divisor(profile.samples, at: sample)
            if value == 0, divisor == 0 { continue }
            let range = profile.samples.locationRange(sample)
            for position in range {
                let nodes = nodesOfLocation[Int(profile.samples.locations[position].rawValue)]
                for node in nodes where node >= 0 && lastSeen[Int(node)] != sample {
                    lastSeen[Int(node)] = sample
                    found[Int(node)].weight.cumulative &+= value
                    found[Int(node)].weight.cumulativeDivisor &+= divisor
                }
                if position == range.lowerBound, let leaf = nodes.first, leaf >= 0 {
                    found[Int(leaf)].weight.flat &+= value
                    found[Int(leaf)].weight.flatDivisor &+= divisor
                }
            }
        }
    }

    /// The nodes by function and then by file, each in the order of the names' bytes; those without a file are left out, so that a
    /// function may have none.
    static func grouped(_ nodes: [Node]) -> [(function: String, files: [(file: String, nodes: [Node])])] {
        let byFunction = Dictionary(grouping: nodes) { $0.function }
        return byFunction.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { function, nodes in
            let byFile = Dictionary(grouping: nodes.filter { !$0.file.isEmpty }) { $0.file }
            let files = byFile.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            return (function, files.map { ($0.key, $0.value) })
        }
    }
}
