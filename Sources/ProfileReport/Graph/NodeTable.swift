import Primitives
import ProfileModel

/// What tells one node of a report from another, as positions in `NodeTable.texts`; 0 is no text.
struct NodeInfo: Hashable {
    /// The function's name.
    var name = StringID.empty
    /// The source file, without what the user wants taken off.
    var file = StringID.empty
    /// The file that the code is mapped from; only where binaries are told apart, or nothing else has a name.
    var object = StringID.empty
    var address: UInt64 = 0
    var line: Int64 = 0
    var column: Int64 = 0
    /// The line on which the function starts; only where `object` is set.
    var startLine: Int64 = 0
}

/// The nodes that the lines of a profile's locations become at a granularity.
///
/// Facts: github.com/google/pprof `profile/profile.go` (`Aggregate`) and `internal/graph/graph.go` (`nodeInfo`).
struct NodeTable {
    /// The texts that nodes name.
    private(set) var texts = StringTable()
    /// The nodes; a node is a position here.
    private(set) var infos: [NodeInfo] = []
    /// By node, what is printed for it.
    private(set) var names: [String] = []
    /// By node, a function of it; -1 if it has none.
    private(set) var functions: [Int32] = []

    /// The nodes of all locations behind each other, each innermost first.
    private(set) var lineNodes: [Int32] = []
    /// By location, the offset behind its last node in `lineNodes`.
    private(set) var lineEnds: [Int32] = []

    /// The nodes of the locations of `profile`. O(locations and their lines).
    ///
    /// - Parameters:
    ///   - granularity: What of a line tells nodes apart.
    ///   - tellsBinariesApart: Whether functions of the same name in different binaries are different nodes.
    ///   - trimsFiles: Whether to take off files what the user wants taken off, and what pprof always does.
    init(
        _ profile: Profile, granularity: ReportOptions.Granularity, options: ReportOptions = ReportOptions(),
        tellsBinariesApart: Bool = false, trimsFiles: Bool = true
    ) {
        let prefixes =
            trimsFiles ? SourcePrefixes(trimPath: options.trimPath, searchPath: options.sourcePath) : nil
        var builder = NodeTableBuilder(profile, granularity, options, tellsBinariesApart, prefixes)
        lineEnds.reserveCapacity(profile.locations.count)
        lineNodes.reserveCapacity(profile.locations.count)
        for location in profile.locations {
            if location.lines.isEmpty {
                lineNodes.append(builder.node(location))
            } else {
                for line in options.noInlines ? location.lines.suffix(1) : location.lines[...] {
                    lineNodes.append(builder.node(location, line))
                }
            }
            lineEnds.append(Int32(lineNodes.count))
        }
        texts = builder.texts
        infos = builder.infos
        functions = builder.functions
        names = infos.map { info in
            // Most nodes are just a function.
            let isPlain = info.address == 0 && info.line == 0 && info.file.isEmpty && !info.name.isEmpty
            return isPlain ? texts[info.name] : Self.nameParts(info, texts).joined(separator: " ")
        }
    }

    /// The number of nodes.
    var count: Int { infos.count }

    /// The parts of what is printed for a node: its address, its name, its place in the source, or what there is else.
    static func nameParts(_ info: NodeInfo, _ texts: StringTable) -> [String] {
        nameParts(info, name: texts[info.name], file: texts[info.file], object: texts[info.object])
    }

    /// The same with other texts than those of the table.
    static func nameParts(_ info: NodeInfo, name: String, file: String, object: String) -> [String] {
        var parts: [String] = []
        if info.address != 0 {
            let digits = String(info.address, radix: 16)
            parts.append(String(repeating: "0", count: 16 - digits.utf8.count) + digits)
        }
        if !name.isEmpty { parts.append(name) }
        if info.line != 0 {
            parts.append("\(file):\(info.line)" + (info.column != 0 ? ":\(info.column)" : ""))
        } else if !file.isEmpty {
            parts.append(file)
        } else if name.isEmpty {
            parts.append(object.isEmpty ? "<unknown>" : "[" + baseName(object) + "]")
        }
        return parts
    }

    /// All that is known of a node, as Go prints it: what decides on its place where everything else is the same.
    func fullDescription(_ info: NodeInfo) -> String {
        "{\(texts[info.name])  \(info.address) \(texts[info.file]) \(info.startLine) \(info.line) \(info.column) "
            + texts[info.object] + "}"
    }

    /// By node, its place in the order of the texts of `nodes`, from 0 up; nodes with the same text have the same one.
    /// Others have 0.
    func ranks(of nodes: some Sequence<Int32>, by nodeTexts: [String]) -> [Int32] {
        var ranks = [Int32](repeating: 0, count: count)
        var last: String?
        var rank: Int32 = -1
        for node in nodes.sorted(by: { bytesPrecede(nodeTexts[Int($0)], nodeTexts[Int($1)]) }) {
            if nodeTexts[Int(node)] != last {
                last = nodeTexts[Int(node)]
                rank += 1
            }
            ranks[Int(node)] = rank
        }
        return ranks
    }

    /// By node, whether it is inlined at some location. Calls of the others are never inline.
    func isEverInlined() -> [Bool] {
        var result = [Bool](repeating: false, count: count)
        var start = 0
        for end in lineEnds.lazy.map(Int.init) {
            // All but the last, which is the function that the code belongs to.
            for offset in start..<max(start, end - 1) { result[Int(lineNodes[offset])] = true }
            start = end
        }
        return result
    }
}
