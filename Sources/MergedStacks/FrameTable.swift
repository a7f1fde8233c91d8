public import ProfileModel

/// The frames that the stacks of a profile are made of, named once.
///
/// A frame is a function of a file, as in pprof's flame graph, or a line or a file if that is asked for. Names are taken
/// as they are; what has none goes by the file that it is mapped from.
public struct FrameTable: Sendable {
    /// What makes a frame.
    public enum Detail: Sendable {
        /// A function of a file: functions of the same name in two files are two frames.
        case functions
        /// A line of a function, named `function file:line`.
        case lines
        /// A source file, by its name.
        case files
    }

    /// A function, or what stands for one.
    public struct Frame: Hashable, Sendable {
        /// The name as in reports; `[libfoo.so]` where there is none.
        public var name: String
        /// The source file, or empty.
        public var file: String
    }

    /// The distinct frames; positions here are what the rest of the module calls a frame.
    public private(set) var frames: [Frame] = []
    /// By frame, the mangled name of the first function that it was seen as, or empty.
    public private(set) var systemNames: [String] = []
    /// By frame, the base name of the mapped file that it was first seen in, or empty.
    public private(set) var mappings: [String] = []
    /// The frames of all locations behind each other, each innermost first.
    public let framesOfLocations: [Int32]
    /// By location, the offset behind its last frame in `framesOfLocations`; each has at least one.
    public let ends: [Int]

    /// The frames of `profile`, which has to be valid. O(functions + lines of all locations).
    public init(_ profile: Profile, detail: Detail = .functions) {
        var builder = Builder(profile, detail: detail)
        var framesOfLocations: [Int32] = []
        var ends: [Int] = []
        ends.reserveCapacity(profile.locations.count)
        for location in profile.locations {
            let mapping = location.mapping.map { Int($0.rawValue) }
            for line in location.lines { framesOfLocations.append(builder.frame(line, mapping: mapping)) }
            if location.lines.isEmpty { framesOfLocations.append(builder.unnamed(mapping: mapping)) }
            ends.append(framesOfLocations.count)
        }
        frames = builder.frames
        systemNames = builder.systemNames
        mappings = builder.mappings
        self.framesOfLocations = framesOfLocations
        self.ends = ends
    }

    /// Collects distinct frames.
    private struct Builder {
        private(set) var frames: [Frame] = []
        private(set) var systemNames: [String] = []
        private(set) var mappings: [String] = []

        private let profile: Profile
        private let detail: Detail
        private let mappingNames: [String]
        private var known: [Frame: Int32] = [:]
        /// By function, its frame where all of its lines are one.
        private var frameOfFunction: [Int32]

        init(_ profile: Profile, detail: Detail) {
            self.profile = profile
            self.detail = detail
            mappingNames = profile.mappings.map { baseName(profile.string($0.filename)) }
            frameOfFunction = Array(repeating: -1, count: profile.functions.count)
        }

        mutating func frame(_ line: Line, mapping: Int?) -> Int32 {
            let index = Int(line.function.rawValue)
            if detail != .lines, frameOfFunction[index] >= 0 { return frameOfFunction[index] }
            let function = profile.functions[index]
            let file = profile.string(function.filename)
            var name = profile.string(detail == .files ? function.filename : function.name)
            // What has no name is told apart by its file, which another location may have of another.
            if name.isEmpty { return unnamed(mapping: mapping) }
            if detail == .lines, line.line != 0 { name += " \(baseName(file)):\(line.line)" }
            let frame = add(
                Frame(name: name, file: file), systemName: profile.string(function.systemName), mapping: mapping)
            frameOfFunction[index] = frame
            return frame
        }

        mutating func unnamed(mapping: Int?) -> Int32 {
            let file = mapping.map { mappingNames[$0] } ?? ""
            let name = file.isEmpty ? "<unknown>" : "[" + file + "]"
            return add(Frame(name: name, file: ""), systemName: "", mapping: mapping)
        }

        private mutating func add(_ frame: Frame, systemName: String, mapping: Int?) -> Int32 {
            if let known = known[frame] { return known }
            let number = Int32(frames.count)
            frames.append(frame)
            systemNames.append(systemName)
            mappings.append(mapping.map { mappingNames[$0] } ?? "")
            known[frame] = number
            return number
        }
    }
}

/// What follows the last slash of `path` that is not at its end.
private func baseName(_ path: String) -> String {
    path.utf8.split(separator: UInt8(ascii: "/")).last.map { String(Substring($0)) } ?? path
}
