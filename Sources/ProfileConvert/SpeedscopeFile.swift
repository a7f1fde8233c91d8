import MergedStacks
import Primitives
public import ProfileModel

/// A profile as a file of speedscope (https://www.speedscope.app), with one of its profiles for each sample type.
///
/// Format: github.com/jlfwong/speedscope `src/lib/file-format-spec.ts`. Equal stacks are one sample; neighbours share
/// their outer frames, so that the view by time order reads like a flame graph. speedscope refuses negative weights:
/// stacks that have one are left out and counted.
public struct SpeedscopeFile {
    private let profile: Profile
    private let name: String
    private let sampleTypeIndex: Int
    private let exporter: String

    /// The file for `profile`, which has to be valid.
    ///
    /// - Parameters:
    ///   - name: What the profile is called.
    ///   - sampleTypeIndex: The sample type to show first.
    ///   - exporter: The program that makes the file.
    public init(_ profile: Profile, name: String, sampleTypeIndex: Int, exporter: String) {
        self.profile = profile
        self.name = name
        self.sampleTypeIndex = sampleTypeIndex
        self.exporter = exporter
    }

    /// Hands the file to `output` as UTF-8, piece by piece. O(frames of all samples, for each sample type).
    ///
    /// - Returns: How many stacks were left out because their value is negative.
    @discardableResult
    public func write<Failure: Error>(to output: @escaping ([UInt8]) throws(Failure) -> Void) throws(Failure) -> Int {
        let frames = FrameTable(profile)
        var text = TextPieces(to: output)
        text.bytes += "{\"$schema\":\"https://www.speedscope.app/file-format-schema.json\",\"exporter\":".utf8
        JSON.quote(exporter, to: &text.bytes)
        text.bytes += ",\"name\":".utf8
        JSON.quote(name, to: &text.bytes)
        text.bytes += ",\"activeProfileIndex\":\(sampleTypeIndex),\n\"shared\":{\"frames\":[".utf8
        for (position, frame) in frames.frames.enumerated() {
            if position > 0 { text.bytes += ",\n".utf8 }
            var members = [("name", JSON.string(frame.name))]
            if !frame.file.isEmpty { members.append(("file", .string(frame.file))) }
            JSON.object(members).write(to: &text.bytes)
            try text.advance()
        }
        text.bytes += "]},\n\"profiles\":[".utf8
        var negativeCount = 0
        for index in profile.sampleTypes.indices {
            if index > 0 { text.bytes += ",\n".utf8 }
            negativeCount += try append(index, frames, &text)
        }
        text.bytes += "]}\n".utf8
        try text.finish()
        return negativeCount
    }

    private func append<Failure: Error>(
        _ index: Int, _ frames: FrameTable, _ text: inout TextPieces<Failure>
    ) throws(Failure) -> Int {
        let type = profile.sampleTypes[index]
        text.bytes += "{\"type\":\"sampled\",\"name\":".utf8
        JSON.quote(profile.string(type.type), to: &text.bytes)
        text.bytes += ",\"unit\":\"\(Self.unit(profile.string(type.unit)))\",\"samples\":[".utf8
        var weights: [Int64] = []
        var sum: Int64 = 0
        var negativeCount = 0
        try MergedStacks.forEachStack(of: profile, frames: frames) { (path, values) throws(Failure) in
            let weight = values[index]
            if weight < 0 { negativeCount += 1 }
            guard weight > 0 else { return }
            text.bytes += (weights.isEmpty ? "[" : ",\n[").utf8
            for (position, frame) in path.enumerated() {
                if position > 0 { text.bytes.append(UInt8(ascii: ",")) }
                text.bytes += String(frame).utf8
            }
            text.bytes.append(UInt8(ascii: "]"))
            weights.append(weight)
            let (next, isTooLarge) = sum.addingReportingOverflow(weight)
            sum = isTooLarge ? .max : next
            try text.advance()
        }
        text.bytes += "],\n\"weights\":[".utf8
        for (position, weight) in weights.enumerated() {
            if position > 0 { text.bytes.append(UInt8(ascii: ",")) }
            text.bytes += String(weight).utf8
            try text.advance()
        }
        text.bytes += "],\"startValue\":0,\"endValue\":\(sum)}".utf8
        return negativeCount
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
