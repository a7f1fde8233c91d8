import Foundation
import ProfileConvert
import ProfileModel
import Testing

/// Profiles in the formats of other programs.
@Suite struct ConvertTests {
    private static let stacks: [(String, Int64)] = [
        ("main;parse;read", 30), ("main;parse;~decode", 20), ("main;write", 40), ("main;parse", 5), ("main;write", 2),
    ]

    private func folded(_ profile: Profile, _ sampleTypeIndex: Int) -> [UInt8] {
        let text = Collected()
        FoldedStacks.write(profile, sampleTypeIndex: sampleTypeIndex) { text.bytes += $0 }
        return text.bytes
    }

    private func json(_ profile: Profile) -> [UInt8] {
        let text = Collected()
        ProfileJSON.write(profile) { text.bytes += $0 }
        return text.bytes
    }

    private func bytes(_ file: SpeedscopeFile) -> ([UInt8], negativeCount: Int) {
        let text = Collected()
        let negativeCount = file.write { text.bytes += $0 }
        return (text.bytes, negativeCount)
    }

    /// The stacks of folded text with their values.
    private func stacks(_ folded: [UInt8]) throws -> [String: Int64] {
        var stacks: [String: Int64] = [:]
        for line in String(decoding: folded, as: UTF8.self).split(separator: "\n") {
            let space = try #require(line.lastIndex(of: " "))
            let value = try #require(Int64(line[line.index(after: space)...]))
            #expect(stacks.updateValue(value, forKey: String(line[..<space])) == nil, "\(line)")
        }
        return stacks
    }

    @Test func `folded stacks read back as what was measured`() throws {
        let profile = StackFixture.profile(Self.stacks)
        let expected: [String: Int64] = [
            "main;parse;read": 30, "main;parse;decode": 20, "main;write": 42, "main;parse": 5,
        ]
        #expect(try stacks(folded(profile, 0)) == expected)
        #expect(
            try stacks(folded(profile, 1)) == expected.mapValues { $0 * 10_000_000 })
    }

    @Test func `signs that folded stacks give a meaning to are replaced in names`() throws {
        var profile = StackFixture.profile([("a", 1)])
        profile.functions[0].name = profile.intern("operator new;x\ny 5")
        #expect(try stacks(folded(profile, 0)) == ["operator new:x y 5": 1])
    }

    @Test func `a speedscope file has the shape that its format asks for, and every sum`() throws {
        var profile = StackFixture.profile(Self.stacks)
        profile.functions[0].name = profile.intern("</script>\"\\\u{1}é")
        let file = SpeedscopeFile(profile, name: "a \"name\"", sampleTypeIndex: 1, exporter: "sprof@1")
        let json = try #require(
            JSONSerialization.jsonObject(with: Data(bytes(file).0)) as? [String: Any])
        #expect(json["$schema"] as? String == "https://www.speedscope.app/file-format-schema.json")
        #expect(json["name"] as? String == "a \"name\"")
        #expect(json["activeProfileIndex"] as? Int == 1)
        let frames = try #require((json["shared"] as? [String: Any])?["frames"] as? [[String: Any]])
        #expect(frames.contains { $0["name"] as? String == "</script>\"\\\u{1}é" })
        #expect(frames.allSatisfy { $0["file"] as? String == "/src/program.c" && $0.count == 2 })
        let profiles = try #require(json["profiles"] as? [[String: Any]])
        #expect(profiles.map { $0["unit"] as? String } == ["none", "nanoseconds"])
        for (profile, factor) in zip(profiles, [1, 10_000_000]) {
            #expect(profile["type"] as? String == "sampled")
            let samples = try #require(profile["samples"] as? [[Int]])
            let weights = try #require(profile["weights"] as? [Int])
            #expect(samples.count == 4 && weights.count == 4)
            #expect(samples.joined().allSatisfy(frames.indices.contains))
            #expect(weights.reduce(0, +) == 97 * factor)
            #expect(profile["startValue"] as? Int == 0)
            #expect(profile["endValue"] as? Int == 97 * factor)
        }
    }

    @Test(.enabled(if: SpeedscopeSchema.isCheckable, "python3-jsonschema is not installed"))
    func `a speedscope file passes a JSON schema of the format`() throws {
        let file = SpeedscopeFile(
            StackFixture.profile(Self.stacks, base: [("main;write", 50)]), name: "x", sampleTypeIndex: 0,
            exporter: "sprof@1")
        let (bytes, negativeCount) = bytes(file)
        #expect(negativeCount == 2)
        #expect(try SpeedscopeSchema.problems(bytes) == "")
        // The check itself can fail.
        let broken = String(decoding: bytes, as: UTF8.self).replacing("\"sampled\"", with: "\"sample\"")
        #expect(try SpeedscopeSchema.problems(Array(broken.utf8)) != "")
    }

    @Test func `JSON holds everything that the profile holds`() throws {
        var profile = StackFixture.profile(Self.stacks)
        profile.addComment("a comment")
        profile.timeNanoseconds = .max
        profile.addSample(
            locations: [], values: [.min, 0],
            labels: [
                Label(key: profile.intern("thread"), string: profile.intern("worker")),
                Label(key: profile.intern("bytes"), number: -5, unit: profile.intern("bytes")),
            ])
        let json = try #require(
            JSONSerialization.jsonObject(with: Data(json(profile))) as? [String: Any])
        #expect((json["sample_types"] as? [[String: String]])?.last == ["type": "cpu", "unit": "nanoseconds"])
        #expect(json["default_sample_type"] as? String == "cpu")
        #expect(json["time_nanos"] as? Int64 == .max)
        #expect(json["comments"] as? [String] == ["a comment"])
        let mapping = try #require((json["mappings"] as? [[String: Any]])?.first)
        #expect(mapping["memory_start"] as? String == "0x400000")
        #expect(mapping["filename"] as? String == "/usr/bin/program")
        let locations = try #require(json["locations"] as? [[String: Any]])
        #expect(locations.count == profile.locations.count)
        #expect(locations.map { ($0["lines"] as? [Any])?.count } == profile.locations.map(\.lines.count))
        let samples = try #require(json["samples"] as? [[String: Any]])
        #expect(samples.count == profile.samples.count)
        #expect(samples.map { $0["values"] as? [Int64] } == profile.samples.map { Array($0.values) })
        let labels = try #require(samples.last?["labels"] as? [[String: Any]])
        #expect(labels[0]["str"] as? String == "worker")
        #expect(labels[1]["num"] as? Int == -5)
        #expect((json["functions"] as? [[String: Any]])?.count == profile.functions.count)
    }

    @Test func `a large profile is handed on in pieces, and what the taker throws comes through`() {
        struct Full: Error {}
        let stacks = (0..<3000).map { ("main;" + String(repeating: "f\($0);", count: 100) + "leaf", Int64(1)) }
        let profile = StackFixture.profile(stacks)
        let pieces = Collected()
        #expect(throws: Full.self) {
            try FoldedStacks.write(profile, sampleTypeIndex: 0) { piece throws(Full) in
                guard pieces.bytes.isEmpty else { throw Full() }
                pieces.bytes += piece
            }
        }
        #expect(pieces.bytes.count >= 1 << 20 && pieces.bytes.count < 1 << 21)
    }

    @Test func `profiles without samples convert to empty files of each format`() throws {
        let profile = StackFixture.profile([])
        #expect(folded(profile, 0) == [])
        for bytes in [
            json(profile),
            bytes(SpeedscopeFile(profile, name: "", sampleTypeIndex: 0, exporter: "")).0,
        ] {
            #expect(try JSONSerialization.jsonObject(with: Data(bytes)) is [String: Any])
        }
    }
}

/// What was handed on piece by piece.
private final class Collected {
    var bytes: [UInt8] = []
}

/// A JSON schema of speedscope's files, made after github.com/jlfwong/speedscope `src/lib/file-format-spec.ts`.
private enum SpeedscopeSchema {
    static let isCheckable = system("python3 -c 'import jsonschema' 2>/dev/null") == 0

    /// What a file breaks, or nothing.
    static func problems(_ file: [UInt8]) throws -> String {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(file).write(to: folder.appendingPathComponent("file"))
        try Data(schema.utf8).write(to: folder.appendingPathComponent("schema"))
        let script = """
            import json, jsonschema
            checker = jsonschema.Draft7Validator(json.load(open("schema")))
            for problem in checker.iter_errors(json.load(open("file"))): print(problem.message)
            """
        try Data(script.utf8).write(to: folder.appendingPathComponent("check.py"))
        #expect(system("cd '\(folder.path)' && python3 check.py >problems") == 0)
        return try String(contentsOf: folder.appendingPathComponent("problems"), encoding: .utf8)
    }

    private static let schema = """
        {
          "type": "object", "required": ["$schema", "shared", "profiles"], "additionalProperties": false,
          "properties": {
            "$schema": {"enum": ["https://www.speedscope.app/file-format-schema.json"]},
            "name": {"type": "string"}, "exporter": {"type": "string"},
            "activeProfileIndex": {"type": "integer", "minimum": 0},
            "shared": {
              "type": "object", "required": ["frames"],
              "properties": {"frames": {"type": "array", "items": {
                "type": "object", "required": ["name"], "additionalProperties": false,
                "properties": {"name": {"type": "string"}, "file": {"type": "string"},
                               "line": {"type": "number"}, "col": {"type": "number"}}}}}
            },
            "profiles": {"type": "array", "minItems": 1, "items": {
              "type": "object", "additionalProperties": false,
              "required": ["type", "name", "unit", "startValue", "endValue", "samples", "weights"],
              "properties": {
                "type": {"enum": ["sampled"]}, "name": {"type": "string"},
                "unit": {"enum": ["none", "nanoseconds", "microseconds", "milliseconds", "seconds", "bytes"]},
                "startValue": {"type": "number"}, "endValue": {"type": "number"},
                "samples": {"type": "array", "items": {"type": "array", "items": {"type": "integer", "minimum": 0}}},
                "weights": {"type": "array", "items": {"type": "number", "exclusiveMinimum": 0}}
              }
            }}
          }
        }
        """
}
