import ProfileModel

/// The calls that nodes make, found for some callers at a time: of a million samples there are forty million different
/// calls, which as a whole would take gigabytes.
///
/// All samples are walked once for each group of callers. The calls of a group are put in order by their callers, in the
/// order of samples, so that those of one caller are then added up in a table by callee that stays in the processor's caches.
struct OutgoingCalls {
    /// A call, as its caller has it.
    struct Call {
        var callee: Int32
        /// The place of the callee's name among others.
        var rank: Int32
        var weight: Int64

        /// Whether it is printed before `other`, of the same caller: see `TrimmedGraph.precedes`.
        func precedes(_ other: Call) -> Bool {
            let (first, second) = (absolute(weight), absolute(other.weight))
            if first != second { return first > second }
            return rank != other.rank ? rank < other.rank : callee < other.callee
        }
    }

    /// A call in a sample.
    private struct Event {
        var callee: Int32
        var sample: Int32
        var value: Int64
    }

    /// What is added up of the calls of one node by the caller at hand.
    private struct Sum {
        var weight: Int64 = 0
        /// The last sample that counted it, which counts once per sample; -1 if there was none.
        var sample: Int32 = -1
    }

    private let stacks: SampleStacks
    private let callers: [Int]
    /// By node, the place of its name among others.
    private let ranks: [Int32]
    /// By node, how often it calls another one, in all samples.
    private let counts: [Int]

    /// The positions in `callers` that `events` are of.
    private var group = 0..<0
    private var events: [Event] = []
    /// By position in the group, the offset behind its last event.
    private var ends: [Int] = []

    /// By callee.
    private var sums: [Sum]
    /// The callees that have a sum.
    private var callees: [Int32] = []

    /// How many calls of samples make a group, which takes 256 MB. A single caller may have more.
    private static let groupSize = 1 << 24

    /// - Parameters:
    ///   - callers: The nodes whose calls will be asked for, in this order.
    ///   - ranks: By node, the place of its name among others.
    init(_ stacks: SampleStacks, callers: [Int], ranks: [Int32]) throws(ReportError) {
        self.stacks = stacks
        self.callers = callers
        self.ranks = ranks
        var counts = [Int](repeating: 0, count: ranks.count)
        try stacks.forEachPart { samples in
            stacks.forEachCall(in: samples) { caller, _, _ in counts[caller] += 1 }
        }
        self.counts = counts
        sums = Array(repeating: Sum(), count: ranks.count)
    }

    /// Puts the calls that the caller at `position` makes into `calls`, in the order in which they are printed.
    mutating func put(ofCallerAt position: Int, into calls: inout [Call]) {
        if !group.contains(position) { findGroup(from: position) }
        calls.removeAll(keepingCapacity: true)
        let place = position - group.lowerBound
        for offset in (place == 0 ? 0 : ends[place - 1])..<ends[place] {
            let event = events[offset]
            let callee = Int(event.callee)
            if sums[callee].sample == event.sample { continue }
            if sums[callee].sample < 0 { callees.append(event.callee) }
            sums[callee].sample = event.sample
            sums[callee].weight &+= event.value
        }
        for callee in callees {
            calls.append(Call(callee: callee, rank: ranks[Int(callee)], weight: sums[Int(callee)].weight))
            sums[Int(callee)] = Sum()
        }
        callees.removeAll(keepingCapacity: true)
        calls.sort { $0.precedes($1) }
    }

    /// Finds the calls of as many callers as fit, from the one at `first` on.
    private mutating func findGroup(from first: Int) {
        var size = 0
        var end = first
        ends.removeAll(keepingCapacity: true)
        while end < callers.count, end == first || size + counts[callers[end]] <= Self.groupSize {
            // Where its first event goes; behind its last one in the end.
            ends.append(size)
            size += counts[callers[end]]
            end += 1
        }
        group = first..<end
        if events.count < size { events = Array(repeating: Event(callee: 0, sample: 0, value: 0), count: size) }
        var places = [Int32](repeating: -1, count: counts.count)
        for position in group { places[callers[position]] = Int32(truncatingIfNeeded: position - first) }
        stacks.forEachCall(in: 0..<stacks.count) { caller, callee, sample in
            let place = Int(places[caller])
            if place < 0 { return }
            events[ends[place]] = Event(
                callee: Int32(truncatingIfNeeded: callee), sample: Int32(truncatingIfNeeded: sample),
                value: stacks.value(of: sample).value)
            ends[place] += 1
        }
    }
}
