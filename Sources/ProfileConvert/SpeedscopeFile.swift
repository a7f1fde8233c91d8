import MergedStacks
import Primitives
public import ProfileModel

/// A profile as a file of speedscope (https://www.speedscope.app), with one of its profiles for each sample type.
///
/// Format: github.com/jlfwong/speedscope `src/lib/file-format-spec.ts`. Equal stacks are one sample; neighbours share
/// their outer frames, so that the view by time order reads like a flame graph. speedscope refuses negative weights:
/// stacks that have one are left out and counted.
public struct SpeedscopeFile {
    /// The file as UTF-8.
    public private(set) var bytes: [UInt8] = []
    /// How many stacks were left out because their value is negative.
    public private(set) var negativeCount = 0

    /// The file for `profile`, which has to be valid. O(frames of all samples, for each sample type).
    ///
    /// - Parameters:
    ///   - name: What the profile is called.
    ///   - sampleTypeIndex: The sample type to show first.
    ///   - exporter: The program that made the file.
    public init(_ profile: Profile, name: String, sampleTypeIndex: Int, exporter: String) {
        let frames = FrameTable(profile)
        bytes += "{\"$schema\":\"https://www.speedscope.app/file-format-schema.json\",\"exporter\":".utf8
        JSON.quote(exporter, to: &bytes)
        bytes += ",\"name\":".utf8
        JSON.quote(name, to: &bytes)
        bytes += ",\"activeProfileIndex\":\(sampleTypeIndex),\n\"shared\":{\"frames\":[".utf8
        for (position, frame) in frames.frames.enumerated() {
            if position > 0 { bytes += ",\n".utf8 }
            var members = [("name", JSON.string(frame.name))]
            if !frame.file.isEmpty { members.append(("file", .string(frame.file))) }
            JSON.object(members).write(to: &bytes)
        }
        bytes += "]},\n\"profiles\":[".utf8
        for index in profile.sampleTypes.indices {
            if index > 0 { bytes += ",\n".utf8 }
            append(profile, frames: frames, sampleTypeIndex: index)
        }
        bytes += "]}\n".utf8
    }

    private mutating func append(_ profile: Profile, frames: FrameTable, sampleTypeIndex index: Int) {
        let type = profile.sampleTypes[index]
        bytes += "{\"type\":\"sampled\",\"name\":".utf8
        JSON.quote(profile.string(type.type), to: &bytes)
        bytes += ",\"unit\":\"\(Self.unit(profile.string(type.unit)))\",\"samples\":[".utf8
        var weights: [Int64] = []
        var sum: Int64 = 0
        // Outside of the closure, which would have to borrow all of the file for each stack.
        var text: [UInt8] = []
        swap(&text, &bytes)
        var negativeCount = 0
        MergedStacks.forEachStack(of: profile, frames: frames) { path, values in
            let weight = values[index]
            if weight < 0 { negativeCount += 1 }
            guard weight > 0 else { return }
            text += (weights.isEmpty ? "[" : ",\n[").utf8
            for (position, frame) in path.enumerated() {
                if position > 0 { text.append(UInt8(ascii: ",")) }
                text += String(frame).utf8
            }
            text.append(UInt8(ascii: "]"))
            weights.append(weight)
            let (next, isTooLarge) = sum.addingReportingOverflow(weight)
            sum = isTooLarge ? .max : next
        }
        swap(&text, &bytes)
        self.negativeCount += negativeCount
        bytes += "],\n\"weights\":".utf8
        JSON.array(weights.map(JSON.number)).write(to: &bytes)
        bytes += ",\"startValue\":0,\"endValue\":\(sum)}".utf8
    }

    /// The name of a unit in speedscope's words; what it does not know has none.
    private static func unit(_ unit: String) -> String {
        switch unit {
        case "nanoseconds", "microseconds", "milliseconds", "seconds", "bytes": unit
        case "ns": "nanoseconds"
        case "us": "microseconds"
        case "ms": "milliseconds"
        case "s": "seconds"
        case "byte", "B": "bytes"
        default: "none"
        }
    }
}
