import Primitives

/// A stretch of machine code with what was measured in it.
struct Routine {
    /// An instruction, its place in the sources, and what was measured at it.
    struct Line {
        var instruction: Instruction
        /// The instruction as it is shown.
        var text: String
        /// The functions around it, the innermost inlined one first.
        var frames: [Frame]
        var weight: Weight
        /// Whether code between the previous line and this one is left out.
        var startsBlock: Bool
    }

    /// A function around an instruction, and the place in it.
    struct Frame: Hashable {
        var name: String
        var systemName: String
        var file: String
        var line: Int64
    }

    /// The name to show.
    var name: String
    /// The name as the linker knows it.
    var systemName: String
    /// Further names of the same code.
    var aliases: [String]
    /// The function that the code stands in, where `name` was inlined into it.
    var host: String?
    /// The file of the code.
    var binaryPath: String
    var range: Range<FileAddress>
    var lines: [Line]
    /// The sum over the locations in it.
    var total: Weight

    /// Where this is inlined code, leaves out the instructions around it: what remains is what belongs to the function by its debug
    /// information, and what was measured.
    mutating func restrictToInlined() {
        guard host != nil else { return }
        var kept: [Line] = []
        var isGap = false
        for line in lines {
            let belongs = line.frames.dropLast().contains { $0.name == name || $0.systemName == systemName }
            guard belongs || !line.weight.isZero else {
                isGap = true
                continue
            }
            kept.append(line)
            kept[kept.count - 1].startsBlock = isGap && kept.count > 1
            isGap = false
        }
        lines = kept
    }
}
