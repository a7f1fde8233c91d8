import Primitives
import ProfileModel
import Testing

@testable import MergedStacks

/// Stacks merged into trees.
@Suite struct CallTreeTests {
    /// Paths with what was measured at their end, from the tree.
    private func paths(_ tree: CallTree, _ frames: FrameTable, column: Int) -> [String: Int64] {
        var path: [String] = []
        var result: [String: Int64] = [:]
        for (index, node) in tree.nodes.enumerated() where node.depth > 0 {
            path.removeSubrange((Int(node.depth) - 1)...)
            path.append(frames.frames[Int(node.frame)].name)
            let value = tree.selfValues[index * tree.columnCount + column]
            if value != 0 { result[path.joined(separator: ";"), default: 0] += value }
        }
        return result
    }

    /// Random stacks over few functions, so that many share their beginning.
    private func randomStacks(_ count: Int, seed: UInt64) -> [(String, Int64)] {
        var random = SeededGenerator(seed: seed)
        return (0..<count).map { _ in
            let depth = Int(random.next() % 6) + 1
            let frames = (0..<depth).map { level in
                "\(level > 0 && random.next() % 4 == 0 ? "~" : "")f\(random.next() % 5)"
            }
            return (frames.joined(separator: ";"), Int64(random.next() % 9) + 1)
        }
    }

    @Test func `a tree and the walk over stacks both hold every stack with its sum`() {
        let stacks = randomStacks(500, seed: 3)
        let profile = StackFixture.profile(stacks)
        var expected: [String: Int64] = [:]
        for (stack, count) in stacks { expected[stack.replacing("~", with: ""), default: 0] += count }
        let frames = FrameTable(profile)
        let tree = CallTree(profile, frames: frames, nodeLimit: .max)
        #expect(paths(tree, frames, column: 0) == expected)
        #expect(paths(tree, frames, column: 1) == expected.mapValues { $0 * 10_000_000 })
        #expect(tree.totalValues[0] == expected.values.reduce(0, +))
        #expect(tree.nodes.allSatisfy { $0.hiddenCount == 0 })
        var walked: [String: Int64] = [:]
        MergedStacks.forEachStack(of: profile, frames: frames) { path, values in
            let key = path.map { frames.frames[Int($0)].name }.joined(separator: ";")
            #expect(walked.updateValue(values[0], forKey: key) == nil, "\(key) came twice")
        }
        #expect(walked == expected)
    }

    @Test(arguments: [1, 2, 10, 100])
    func `with little room the largest boxes stay, and what is left out still adds up`(limit: Int) throws {
        let profile = StackFixture.profile(randomStacks(500, seed: 4))
        let frames = FrameTable(profile)
        let whole = CallTree(profile, frames: frames, nodeLimit: .max)
        let tree = CallTree(profile, frames: frames, nodeLimit: limit)
        #expect(tree.nodes.count == limit)
        #expect(tree.totalValues[0..<2] == whole.totalValues[0..<2])
        // The smallest that is shown is not smaller than the largest that is not.
        let sizes = stride(from: 0, to: whole.totalValues.count, by: 2).map { whole.totalValues[$0] }.sorted(by: >)
        let smallest = try #require(
            stride(from: 0, to: tree.totalValues.count, by: 2).map { tree.totalValues[$0] }.min())
        #expect(smallest >= sizes[limit - 1])
    }

    @Test func `a call is marked as inlined only if it always was`() throws {
        let profile = StackFixture.profile([("main;~twice", 3), ("main;~both", 2), ("main;both", 2)])
        let frames = FrameTable(profile)
        let tree = CallTree(profile, frames: frames, nodeLimit: 100)
        let marks = tree.nodes.dropFirst().map { (frames.frames[Int($0.frame)].name, $0.isInlined) }
        #expect(marks.map(\.0) == ["main", "both", "twice"])
        #expect(marks.map(\.1) == [false, false, true])
    }

    @Test func `samples of a base are counted apart and positively`() {
        let profile = StackFixture.profile([("main;a", 5)], base: [("main;a", 3), ("main;b", 2)])
        let tree = CallTree(profile, frames: FrameTable(profile), nodeLimit: 100)
        #expect(tree.hasBase && tree.columnCount == 4)
        #expect(Array(tree.totalValues.prefix(4)) == [5, 50_000_000, 5, 50_000_000])
    }

    @Test func `what has no name goes by its file, and functions of two files are two`() {
        var profile = StackFixture.profile([("same", 1)])
        let other = profile.addFunction(name: "same", systemName: "same", file: "/src/other.c")
        profile.addSample(
            locations: [profile.addLocation(mapping: nil, address: .init(1), lines: [Line(function: other)])],
            values: [1, 1])
        profile.addSample(
            locations: [profile.addLocation(mapping: .init(rawValue: 0), address: .init(2), lines: [])], values: [1, 1])
        profile.addSample(locations: [profile.addLocation(mapping: nil, address: .init(3), lines: [])], values: [1, 1])
        #expect(FrameTable(profile).frames.map(\.name) == ["same", "same", "[program]", "<unknown>"])
    }

    @Test func `a stack of a million frames and values at the ends of their range do not trap`() {
        var profile = StackFixture.profile([("deep", 1)])
        let location = LocationIndex(rawValue: 0)
        profile.addSample(locations: Array(repeating: location, count: 1_000_000), values: [1, .max])
        profile.addSample(locations: [location], values: [.min, .min])
        profile.addSample(locations: [location, location], values: [.min, .max])
        let frames = FrameTable(profile)
        let tree = CallTree(profile, frames: frames, nodeLimit: 1000)
        #expect(tree.nodes.count == 1000)
        #expect(tree.totalValues.count == 2000)
        var longest = 0
        MergedStacks.forEachStack(of: profile, frames: frames) { path, _ in longest = max(longest, path.count) }
        #expect(longest == 1_000_000)
    }
}
