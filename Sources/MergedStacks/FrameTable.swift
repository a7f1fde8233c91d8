public import ProfileModel

/// The frames that the stacks of a profile are made of, named once.
///
/// A frame is a function of a file, as in pprof's flame graph: functions of the same name in two files are two frames,
/// the lines and addresses of one function are one. Names are taken as they are; what has none goes by the file that it
/// is mapped from.
public struct FrameTable: Sendable {
    /// A function, or what stands for one.
    public struct Frame: Hashable, Sendable {
        /// The name as in reports; `[libfoo.so]` where there is none.
        public var name: String
        /// The source file, or empty.
        public var file: String
    }

    /// The distinct frames; positions here are what the rest of the module calls a frame.
    public private(set) var frames: [Frame] = []
    /// By frame, the base name of the mapped file that it was first seen in, or empty.
    public private(set) var mappings: [String] = []
    /// The frames of all locations behind each other, each innermost first.
    public let framesOfLocations: [Int32]
    /// By location, the offset behind its last frame in `framesOfLocations`; each has at least one.
    public let ends: [Int]

    /// The frames of `profile`, which has to be valid. O(functions + lines of all locations).
    public init(_ profile: Profile) {
        var builder = Builder()
        var frameOfFunction = [Int32](repeating: Self.unseen, count: profile.functions.count)
        let mappings = profile.mappings.map { Self.baseName(profile.string($0.filename)) }
        var framesOfLocations: [Int32] = []
        var ends: [Int] = []
        ends.reserveCapacity(profile.locations.count)
        for location in profile.locations {
            let mapping = location.mapping.map { mappings[Int($0.rawValue)] } ?? ""
            for line in location.lines {
                let function = Int(line.function.rawValue)
                if frameOfFunction[function] == Self.unseen {
                    let name = profile.string(profile.functions[function].name)
                    let file = profile.string(profile.functions[function].filename)
                    frameOfFunction[function] =
                        name.isEmpty ? Self.nameless : builder.frame(Frame(name: name, file: file), in: mapping)
                }
                let frame = frameOfFunction[function]
                framesOfLocations.append(frame == Self.nameless ? builder.unnamed(in: mapping) : frame)
            }
            if location.lines.isEmpty { framesOfLocations.append(builder.unnamed(in: mapping)) }
            ends.append(framesOfLocations.count)
        }
        frames = builder.frames
        self.mappings = builder.mappings
        self.framesOfLocations = framesOfLocations
        self.ends = ends
    }

    private static let unseen: Int32 = -1
    private static let nameless: Int32 = -2

    private static func baseName(_ path: String) -> String {
        path.utf8.split(separator: UInt8(ascii: "/")).last.map { String(Substring($0)) } ?? path
    }

    /// Collects distinct frames.
    private struct Builder {
        var frames: [Frame] = []
        var mappings: [String] = []
        var known: [Frame: Int32] = [:]

        mutating func frame(_ frame: Frame, in mapping: String) -> Int32 {
            if let known = known[frame] { return known }
            let number = Int32(frames.count)
            frames.append(frame)
            mappings.append(mapping)
            known[frame] = number
            return number
        }

        mutating func unnamed(in mapping: String) -> Int32 {
            frame(Frame(name: mapping.isEmpty ? "<unknown>" : "[" + mapping + "]", file: ""), in: mapping)
        }
    }
}
