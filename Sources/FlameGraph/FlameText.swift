public import MergedStacks
import Primitives
public import ProfileModel

/// A flame graph for the terminal: a line for each depth, callers above callees, each function as wide as what was
/// measured in it and what it called.
public struct FlameText: Sendable {
    /// How to draw.
    public struct Options: Sendable {
        /// The columns of the terminal.
        public var width = 100
        /// Whether to use colours, which need a terminal.
        public var hasColors = false
        /// The position of the sample type to show.
        public var sampleTypeIndex = 0
        /// What makes a box.
        public var detail = FrameTable.Detail.functions
        /// What the first line says.
        public var title = ""

        /// The defaults.
        public init() {}
    }

    /// A box of one line.
    private struct Box {
        var node: Int
        var columns: Range<Int>
    }

    private let options: Options
    private let frames: FrameTable
    private let tree: CallTree
    private let totals: [Int64]
    private let unit: String
    private let typeCount: Int

    /// The columns of the narrowest box: an edge and two signs.
    private static let narrowest = 3
    /// More lines are rarely looked at; recursion can have millions.
    private static let lineLimit = 200

    /// Merges the samples of `profile`, which has to be valid and to have sample types. O(frames of all samples).
    public init(_ profile: Profile, options: Options) {
        self.options = options
        frames = FrameTable(profile, detail: options.detail)
        tree = CallTree(profile, frames: frames, nodeLimit: 20_000)
        totals = tree.totalValues
        unit = profile.string(profile.sampleTypes[options.sampleTypeIndex].unit)
        typeCount = profile.sampleTypes.count
    }

    /// The text, with a newline at its end. Names are made fit for terminals.
    public func render() -> String {
        let whole = size(0)
        var text = options.title.terminalEscaped + ": " + Measurement.label(value(0), from: unit, to: "auto")
        if tree.hasBase { text += ", before " + Measurement.label(base(0), from: unit, to: "auto") }
        text += "\n"
        guard whole > 0 else { return text }
        var lines: [[Box]] = []
        layOut(whole, &lines)
        for boxes in lines.prefix(Self.lineLimit) { text += line(boxes) + "\n" }
        if lines.count > Self.lineLimit { text += "and \(lines.count - Self.lineLimit) deeper lines\n" }
        return text
    }

    // MARK: - Numbers

    private func value(_ node: Int) -> Int64 { totals[node * tree.columnCount + options.sampleTypeIndex] }

    private func base(_ node: Int) -> Int64 {
        tree.hasBase ? totals[node * tree.columnCount + typeCount + options.sampleTypeIndex] : 0
    }

    /// How wide a node is, before scaling: before and after together, so that what is gone is seen too.
    private func size(_ node: Int) -> Double { Double(value(node)).magnitude + Double(base(node)).magnitude }

    // MARK: - Layout

    /// Puts every node that is wide enough into the line of its depth.
    private func layOut(_ whole: Double, _ lines: inout [[Box]]) {
        let scale = Double(options.width) / whole
        // By depth, where the next sibling starts, and where its caller ends.
        var next: [Double] = [0]
        var ends: [Double] = [Double(options.width)]
        var index = 0
        while index < tree.nodes.count {
            let depth = Int(tree.nodes[index].depth)
            let start = next[depth]
            let end = min(start + size(index) * scale, ends[depth])
            next[depth] = end
            let columns = Int(start.rounded())..<max(Int(start.rounded()), Int(end.rounded()))
            guard columns.count >= Self.narrowest else {
                index = behind(index)
                continue
            }
            if lines.count <= depth { lines.append([]) }
            lines[depth].append(Box(node: index, columns: columns))
            next.removeSubrange((depth + 1)...)
            ends.removeSubrange((depth + 1)...)
            next.append(start)
            ends.append(end)
            index += 1
        }
    }

    /// The first node that is not below the one at `index`.
    private func behind(_ index: Int) -> Int {
        let depth = tree.nodes[index].depth
        var next = index + 1
        while next < tree.nodes.count, tree.nodes[next].depth > depth { next += 1 }
        return next
    }

    // MARK: - Text

    private func line(_ boxes: [Box]) -> String {
        var text = ""
        var column = 0
        for box in boxes {
            text += String(repeating: " ", count: max(0, box.columns.lowerBound - column))
            text += options.hasColors ? colored(box) : plain(box)
            column = box.columns.upperBound
        }
        return String(text.reversed().drop { $0 == " " }.reversed())
    }

    private func plain(_ box: Box) -> String {
        let room = box.columns.count - 1
        let label = label(box.node, room: room)
        return "│" + label + String(repeating: " ", count: room - TerminalWidth.columns(of: label))
    }

    /// ISO 6429: the background shows the module, or the change; the last column stays free to part the boxes.
    private func colored(_ box: Box) -> String {
        let room = box.columns.count - 1
        let label = label(box.node, room: room)
        return "\u{1b}[30;48;5;\(color(box.node))m" + label
            + String(repeating: " ", count: room - TerminalWidth.columns(of: label)) + "\u{1b}[0m "
    }

    private func label(_ node: Int, room: Int) -> String {
        let name = (node == 0 ? "all" : frames.frames[Int(tree.nodes[node].frame)].name).terminalEscaped
        let numbers = " " + share(node)
        let nameWidth = TerminalWidth.columns(of: name)
        if nameWidth + numbers.utf8.count <= room { return name + numbers }
        if nameWidth <= room || node == 0 { return TerminalWidth.fit(name, into: room) }
        let frame = Int(tree.nodes[node].frame)
        let short = CompactName.of(frames.frames[frame].name, systemName: frames.systemNames[frame]).terminalEscaped
        if short.isEmpty { return TerminalWidth.fit(name, into: room) }
        if TerminalWidth.columns(of: short) + numbers.utf8.count <= room { return short + numbers }
        return TerminalWidth.fit(short, into: room)
    }

    private func share(_ node: Int) -> String {
        let after = Measurement.percentage(value(node), of: value(0)).drop { $0 == " " }
        guard tree.hasBase else { return String(after) }
        return Measurement.percentage(base(node), of: base(0)).drop { $0 == " " } + ">" + after
    }

    /// A light colour of the 256 that terminals agree on.
    private func color(_ node: Int) -> Int {
        if tree.hasBase {
            let change = (Double(value(node)) - Double(base(node))) / max(1, size(node))
            return change > 0.1 ? (change > 0.4 ? 203 : 217) : change < -0.1 ? (change < -0.4 ? 75 : 153) : 252
        }
        guard node > 0 else { return 252 }
        let frame = Int(tree.nodes[node].frame)
        let module = FrameModule.name(
            of: frames.frames[frame].name, file: frames.frames[frame].file, mapping: frames.mappings[frame])
        if module == "kernel" { return 215 }
        if module.isEmpty { return 252 }
        let colors = [114, 117, 120, 147, 150, 152, 156, 159, 180, 183, 186, 189, 192, 195, 216, 219, 222, 223]
        let hash = module.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
        return colors[Int(hash % UInt32(colors.count))]
    }
}
