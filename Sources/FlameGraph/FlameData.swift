import MergedStacks
import Primitives
import ProfileModel

/// The data of a page as JSON; `Web/tree.js` reads it.
struct FlameData {
    private let profile: Profile
    private let options: FlamePage.Options
    private let frames: FrameTable
    private let tree: CallTree

    init(_ profile: Profile, options: FlamePage.Options) {
        self.profile = profile
        self.options = options
        frames = FrameTable(profile, detail: options.detail)
        tree = CallTree(profile, frames: frames, nodeLimit: options.nodeLimit)
    }

    /// Appends the JSON, in which no `<` stands, so that it may stand in a `script` element.
    func write(to bytes: inout [UInt8]) {
        let used = FrameNumbers(tree, frames: frames)
        bytes += "{\"version\":1,\"title\":".utf8
        quote(options.title, &bytes)
        bytes += ",\"header\":".utf8
        list(options.header, &bytes)
        bytes += ",\"types\":[".utf8
        for (position, type) in profile.sampleTypes.enumerated() {
            bytes += (position == 0 ? "{\"type\":" : ",{\"type\":").utf8
            quote(profile.string(type.type), &bytes)
            bytes += ",\"unit\":".utf8
            quote(profile.string(type.unit), &bytes)
            bytes.append(UInt8(ascii: "}"))
        }
        bytes += "],\"selected\":\(options.sampleTypeIndex),\"hasBase\":\(tree.hasBase)".utf8
        bytes += ",\"isNormalized\":\(options.isNormalized),\n\"strings\":".utf8
        list(used.strings, &bytes)
        bytes += ",\n\"frames\":{\"name\":".utf8
        list(used.frames.map { frames.frames[$0].name }, &bytes)
        bytes += ",\"short\":".utf8
        list(
            used.frames.map { CompactName.of(frames.frames[$0].name, systemName: frames.systemNames[$0]) }, &bytes)
        bytes += ",\"file\":".utf8
        numbers(used.files, &bytes)
        bytes += ",\"module\":".utf8
        numbers(used.modules, &bytes)
        bytes += "},\n".utf8
        writeNodes(used, &bytes)
        bytes.append(UInt8(ascii: "}"))
    }

    /// The nodes in preorder: what each frame is (twice its number, and 1 more if it was inlined; of callees that were
    /// left out, minus their number), how deep it is, and what was measured in it itself.
    private func writeNodes(_ used: FrameNumbers, _ bytes: inout [UInt8]) {
        var frame: [Int] = []
        var depth: [Int] = []
        var values = [[Int64]](repeating: [], count: tree.columnCount)
        // Nodes that are still open and have callees that were left out: these come last among their callees.
        var open: [Int] = []
        func close(_ end: Int) {
            while let last = open.last, Int(tree.nodes[last].depth) >= end {
                open.removeLast()
                frame.append(-Int(tree.nodes[last].hiddenCount))
                depth.append(Int(tree.nodes[last].depth) + 1)
                for column in values.indices {
                    values[column].append(tree.hiddenValues[last * tree.columnCount + column])
                }
            }
        }
        for (index, node) in tree.nodes.enumerated() {
            close(Int(node.depth))
            frame.append(node.frame < 0 ? 0 : used.number[Int(node.frame)] * 2 + (node.isInlined ? 1 : 0))
            depth.append(Int(node.depth))
            for column in values.indices { values[column].append(tree.selfValues[index * tree.columnCount + column]) }
            if node.hiddenCount > 0 { open.append(index) }
        }
        close(0)
        bytes += "\"nodes\":{\"frame\":".utf8
        numbers(frame, &bytes)
        bytes += ",\n\"depth\":".utf8
        numbers(depth, &bytes)
        bytes += "},\n\"values\":[".utf8
        for (position, column) in values.enumerated() {
            if position > 0 { bytes += ",\n".utf8 }
            numbers(column, &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    // MARK: - JSON

    private func quote(_ string: String, _ bytes: inout [UInt8]) {
        JSON.quote(string, to: &bytes, forMarkup: true)
    }

    private func list(_ strings: [String], _ bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "["))
        for (position, string) in strings.enumerated() {
            if position > 0 { bytes.append(UInt8(ascii: ",")) }
            quote(string, &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    private func numbers(_ numbers: [some BinaryInteger & CustomStringConvertible], _ bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "["))
        for (position, number) in numbers.enumerated() {
            if position > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes += number.description.utf8
        }
        bytes.append(UInt8(ascii: "]"))
    }
}

/// The frames that a tree shows, numbered anew, so that the page holds no name that it does not need.
private struct FrameNumbers {
    /// The frames in their new order.
    private(set) var frames: [Int] = []
    /// By frame of the table, its new number, or -1.
    private(set) var number: [Int]
    /// The distinct files and modules.
    private(set) var strings: [String] = []
    /// By new number, the positions in `strings`.
    private(set) var files: [Int] = []
    private(set) var modules: [Int] = []

    init(_ tree: CallTree, frames table: FrameTable) {
        var known: [String: Int] = [:]
        var strings: [String] = []
        func position(_ string: String) -> Int {
            if let known = known[string] { return known }
            strings.append(string)
            known[string] = strings.count - 1
            return strings.count - 1
        }
        number = Array(repeating: -1, count: table.frames.count)
        for node in tree.nodes where node.frame >= 0 && number[Int(node.frame)] < 0 {
            let frame = Int(node.frame)
            number[frame] = frames.count
            frames.append(frame)
            let (name, file) = (table.frames[frame].name, table.frames[frame].file)
            files.append(position(file))
            modules.append(position(FrameModule.name(of: name, file: file, mapping: table.mappings[frame])))
        }
        self.strings = strings
    }
}
