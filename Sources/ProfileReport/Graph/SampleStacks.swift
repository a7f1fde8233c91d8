import MergedStacks
import Primitives
import ProfileModel

/// The samples of a profile as the nodes of their frames, to be walked many times.
///
/// Holds arrays instead of the profile, because each access to a part of another module's type would be a call.
struct SampleStacks {
    let count: Int
    private let values: [Int64]
    private let valueIndex: Int
    private let valuesPerSample: Int
    let isMean: Bool
    /// By node, whether it takes part; nil for all.
    let kept: [Bool]?
    private let locations: [LocationIndex]
    private let ends: [Int]
    private let lineNodes: [Int32]
    private let lineEnds: [Int32]
    private let cancellation: Cancellation

    /// How many locations are walked until somebody is asked whether to go on: 65 536 frames at most, a millisecond or less.
    private let partSize: Int

    /// - Parameter kept: By node, whether it takes part; nil for all. Frames of others are walked as node -1.
    init(_ context: ReportContext, _ table: NodeTable, kept: [Bool]? = nil) {
        let samples = context.profile.samples
        count = samples.count
        values = samples.values
        valueIndex = context.values.index
        valuesPerSample = samples.valuesPerSample
        isMean = context.values.isMean
        locations = samples.locations
        ends = samples.locationEnds
        lineEnds = table.lineEnds
        cancellation = context.cancellation
        let most = zip(table.lineEnds, [0] + table.lineEnds).reduce(Int32(1)) { max($0, $1.0 - $1.1) }
        partSize = max(1, (1 << 16) / Int(most))
        self.kept = kept
        if let kept {
            lineNodes = table.lineNodes.map { kept[Int($0)] ? $0 : -1 }
        } else {
            lineNodes = table.lineNodes
        }
    }

    /// The value of a sample, and what it is to be divided by. If both are 0, the sample does not count.
    @inline(__always)
    func value(of sample: Int) -> (value: Int64, divisor: Int64) {
        let start = sample * valuesPerSample
        return (values[start + valueIndex], isMean ? values[start] : 0)
    }

    /// Whether a sample has any frame.
    func hasFrames(_ sample: Int) -> Bool { ends[sample] > (sample == 0 ? 0 : ends[sample - 1]) }

    /// The samples that count, to be put in order by their paths. Every node has to take part.
    ///
    /// - Parameter nodeCount: How many nodes the table has.
    func partition(nodeCount: Int) -> StackPartition {
        StackPartition(
            locations: locations, locationEnds: ends, framesOfLocations: lineNodes,
            frameEnds: lineEnds.map { Int($0) }, frameCount: nodeCount, including: { value(of: $0) != (0, 0) })
    }

    /// By location, whether one of its nodes satisfies `condition`; nil if most do, so that it is not worth asking.
    func locations(where condition: (_ node: Int) -> Bool) -> [Bool]? {
        var result: [Bool] = []
        result.reserveCapacity(lineEnds.count)
        var start = 0
        var count = 0
        for end in lineEnds.lazy.map(Int.init) {
            let satisfies = (start..<end).contains { condition(Int(lineNodes[$0])) }
            result.append(satisfies)
            if satisfies { count += 1 }
            start = end
        }
        return count * 8 < result.count ? result : nil
    }

    /// Whether the stack of a sample has a location of those for which `isWanted` is true.
    @inline(__always)
    func hasLocation(_ sample: Int, where isWanted: [Bool]) -> Bool {
        for offset in (sample == 0 ? 0 : ends[sample - 1])..<ends[sample] {
            if isWanted[Int(locations[offset].rawValue)] { return true }
        }
        return false
    }

    /// Whether the report is not wanted any more.
    var isCancelled: Bool { cancellation.isRequested }

    /// Calls `body` with one part of the samples after the other, as long as the report is wanted.
    @inline(__always)
    func forEachPart(_ body: (Range<Int>) -> Void) throws(ReportError) {
        var start = 0
        while start < count {
            if cancellation.isRequested { throw .cancelled }
            let limit = (start == 0 ? 0 : ends[start - 1]) + partSize
            var end = start + 1
            while end < count, ends[end] <= limit { end += 1 }
            body(start..<end)
            start = end
        }
    }

    /// Calls `body` with each call from one node to another in those of some samples that count, as often as it is in them. Of
    /// frames that do not take part there are none.
    @inline(__always)
    func forEachCall(in samples: Range<Int>, _ body: (_ caller: Int, _ callee: Int, _ sample: Int) -> Void) {
        for sample in samples where value(of: sample) != (0, 0) {
            var caller = -1
            forEachFrame(of: sample) { node, _ in
                if node < 0 { return }
                if caller >= 0, caller != node { body(caller, node, sample) }
                caller = node
            }
        }
    }

    /// Calls `body` with the node of each frame of a sample, the root first, and whether it is inlined into the one
    /// before.
    @inline(__always)
    func forEachFrame(of sample: Int, _ body: (_ node: Int, _ isInlined: Bool) -> Void) {
        var offset = ends[sample]
        let first = sample == 0 ? 0 : ends[sample - 1]
        while offset > first {
            offset -= 1
            let location = Int(locations[offset].rawValue)
            let firstLine = location == 0 ? 0 : Int(lineEnds[location - 1])
            let outermost = Int(lineEnds[location]) - 1
            var line = outermost
            while line >= firstLine {
                body(Int(lineNodes[line]), line != outermost)
                line -= 1
            }
        }
    }
}
