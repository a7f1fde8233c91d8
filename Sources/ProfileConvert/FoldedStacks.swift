import MergedStacks
public import ProfileModel

/// A profile as folded stacks: a line for each distinct stack, its functions outermost first between semicolons, then a
/// space and the value. flamegraph.pl, speedscope and most other viewers read it.
///
/// Format: github.com/brendangregg/FlameGraph `README.md` ("Fold stacks"). It knows no escapes: semicolons within names
/// become colons, and control characters spaces.
public enum FoldedStacks {
    /// The lines, for the sample type at `sampleTypeIndex`. O(frames of all samples).
    public static func render(_ profile: Profile, sampleTypeIndex: Int) -> [UInt8] {
        let frames = FrameTable(profile)
        let names = frames.frames.map { fold($0.name) }
        var text: [UInt8] = []
        MergedStacks.forEachStack(of: profile, frames: frames) { path, values in
            guard values[sampleTypeIndex] != 0 else { return }
            for (position, frame) in path.enumerated() {
                if position > 0 { text.append(UInt8(ascii: ";")) }
                text += names[Int(frame)]
            }
            text.append(UInt8(ascii: " "))
            text += String(values[sampleTypeIndex]).utf8
            text.append(UInt8(ascii: "\n"))
        }
        return text
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
