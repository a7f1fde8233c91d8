import MergedStacks
public import ProfileModel

/// A profile as folded stacks: a line for each distinct stack, its functions outermost first between semicolons, then a
/// space and the value. flamegraph.pl, speedscope and most other viewers read it.
///
/// Format: github.com/brendangregg/FlameGraph `README.md` ("Fold stacks"). It knows no escapes: semicolons within names
/// become colons, and control characters spaces.
public enum FoldedStacks {
    /// Hands the lines to `output`, piece by piece. O(frames of all samples).
    public static func write<Failure: Error>(
        _ profile: Profile, sampleTypeIndex: Int, to output: @escaping ([UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        let frames = FrameTable(profile)
        let names = frames.frames.map { fold($0.name) }
        var text = TextPieces(to: output)
        try MergedStacks.forEachStack(of: profile, frames: frames) { (path, values) throws(Failure) in
            guard values[sampleTypeIndex] != 0 else { return }
            for (position, frame) in path.enumerated() {
                if position > 0 { text.bytes.append(UInt8(ascii: ";")) }
                text.bytes += names[Int(frame)]
            }
            text.bytes.append(UInt8(ascii: " "))
            text.bytes += String(values[sampleTypeIndex]).utf8
            text.bytes.append(UInt8(ascii: "\n"))
            try text.advance()
        }
        try text.finish()
    }

    private static func fold(_ name: String) -> [UInt8] {
        name.utf8.map { byte in
            switch byte {
            case UInt8(ascii: ";"): UInt8(ascii: ":")
            case 0..<0x20, 0x7f: UInt8(ascii: " ")
            default: byte
            }
        }
    }
}
