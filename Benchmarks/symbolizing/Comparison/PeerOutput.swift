import Symbolizer

/// Reads what other tools print.
enum PeerOutput {
    /// `llvm-symbolizer --no-demangle -i`: pairs of lines, name and file:line:column, and an empty line after each address.
    static func llvm(_ text: String) -> [[PeerFrame]] {
        var answers: [[PeerFrame]] = []
        var frames: [PeerFrame] = []
        var name: Substring?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if let known = name {
                var frame = position(line[..<(line.lastIndex(of: ":") ?? line.endIndex)])
                frame.name = known == "??" ? "" : String(known)
                frames.append(frame)
                name = nil
            } else if line.isEmpty {
                if !frames.isEmpty { answers.append(frames) }
                frames = []
            } else {
                name = line
            }
        }
        return answers
    }

    /// `walk`: a line per address, frames separated by tabs, their three parts by bars.
    static func walk(_ text: String) -> [[PeerFrame]] {
        text.split(separator: "\n").map { line in
            line.split(separator: "\t", omittingEmptySubsequences: false).map { text in
                let parts = text.split(separator: "|", omittingEmptySubsequences: false)
                guard parts.count >= 3 else { return PeerFrame() }
                var frame = position(parts[parts.count - 2])
                let declaration = position(parts[parts.count - 1])
                // Names of operators have bars as well.
                frame.name = parts.dropLast(2).joined(separator: "|")
                frame.declarationFile = declaration.file
                frame.declarationLine = declaration.line
                return frame
            }
        }
    }

    /// `file:line`.
    private static func position(_ text: Substring) -> PeerFrame {
        guard let colon = text.lastIndex(of: ":") else { return PeerFrame() }
        let file = String(text[..<colon])
        return PeerFrame(
            file: file == "??" ? "" : SourcePath.normalised(file), line: Int(text[text.index(after: colon)...]) ?? 0)
    }
}
