import ProfileModel

/// The functions of a profile with what each cost, and the calls between them.
///
/// A node is a printed name: functions of the same name are one node, as in pprof at the granularity `functions`.
struct FunctionGraph {
    /// What was measured in a function itself (flat) and in it and everything it called (cumulative).
    struct Weight {
        var flat: Int64 = 0
        var cumulative: Int64 = 0
    }

    /// A call from one node to another.
    struct Call: Hashable {
        var caller: Int32
        var callee: Int32
    }

    /// The weight of a call, and whether the callee was inlined each time.
    struct CallWeight {
        var weight: Int64 = 0
        var isInline = true
    }

    /// The weights by node.
    private(set) var weights: [Weight]
    private(set) var calls: [Call: CallWeight] = [:]

    /// Adds up the samples of `profile`.
    ///
    /// Sums wrap around instead of trapping: values come from files.
    ///
    /// - Parameters:
    ///   - valueIndex: The sample type to count.
    ///   - kept: By node, whether it takes part. Frames of the others are passed over, and what they cost themselves
    ///     is nobody's.
    init(_ profile: Profile, frames: FrameNames, valueIndex: Int, kept: [Bool]? = nil) {
        weights = Array(repeating: Weight(), count: frames.names.count)
        // By node, the last sample that counted it: a recursive function counts once per sample.
        var lastSample = [Int](repeating: -1, count: frames.names.count)
        var seenCalls: Set<Call> = []
        let samples = profile.samples
        for position in samples.indices {
            let value = samples.values[position * samples.valuesPerSample + valueIndex]
            if value == 0 { continue }
            seenCalls.removeAll(keepingCapacity: true)
            var caller: Int32 = -1
            var leafWasDropped = false
            for offset in samples.locationRange(position).reversed() {
                let range = frames.range(of: samples.locations[offset])
                for frame in range.reversed() {
                    let node = frames.nodes[frame]
                    if let kept, !kept[Int(node)] {
                        leafWasDropped = true
                        continue
                    }
                    leafWasDropped = false
                    if lastSample[Int(node)] != position {
                        lastSample[Int(node)] = position
                        weights[Int(node)].cumulative &+= value
                    }
                    let call = Call(caller: caller, callee: node)
                    if caller >= 0, caller != node, seenCalls.insert(call).inserted {
                        calls[call, default: CallWeight()].weight &+= value
                        // The last line of a location is the function that the code belongs to.
                        if frame == range.upperBound - 1 { calls[call]?.isInline = false }
                    }
                    caller = node
                }
            }
            if caller >= 0, !leafWasDropped { weights[Int(caller)].flat &+= value }
        }
    }
}

/// The printed name of every frame of a profile.
struct FrameNames {
    /// The distinct names; a node of the graph is a position here.
    private(set) var names: [String] = []
    /// The nodes of all locations behind each other, each innermost first.
    private(set) var nodes: [Int32] = []

    private var ends: [Int] = []

    /// Where the nodes of `location` lie in `nodes`.
    func range(of location: LocationIndex) -> Range<Int> {
        let index = Int(location.rawValue)
        return (index == 0 ? 0 : ends[index - 1])..<ends[index]
    }

    init(_ profile: Profile) {
        var known: [String: Int32] = [:]
        var names: [String] = []
        func node(_ name: String) -> Int32 {
            if let node = known[name] { return node }
            let node = Int32(names.count)
            names.append(name)
            known[name] = node
            return node
        }
        let functionNodes = profile.functions.map { function -> Int32 in
            let name = profile.printedName(of: function)
            return name.isEmpty ? -1 : node(name)
        }
        for location in profile.locations {
            // What has no name goes by the file that it is mapped from.
            func nameless() -> Int32 {
                guard let mapping = location.mapping else { return node("<unknown>") }
                let file = profile.string(profile.mappings[Int(mapping.rawValue)].filename)
                return node(file.isEmpty ? "<unknown>" : "[" + baseName(file) + "]")
            }
            if location.lines.isEmpty { nodes.append(nameless()) }
            for line in location.lines {
                let named = functionNodes[Int(line.function.rawValue)]
                nodes.append(named >= 0 ? named : nameless())
            }
            ends.append(nodes.count)
        }
        self.names = names
    }
}

/// What follows the last slash of `path` that is not at its end.
func baseName(_ path: String) -> String {
    guard let name = path.utf8.split(separator: UInt8(ascii: "/")).last else { return path.isEmpty ? "." : "/" }
    return String(Substring(name))
}
