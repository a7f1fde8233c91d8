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

    /// The weights by node.
    private(set) var weights: [Weight]
    /// The calls of functions that were inlined somewhere.
    private(set) var calls = CallTable()

    /// Adds up the samples of `profile`.
    ///
    /// Sums wrap around instead of trapping: values come from files.
    ///
    /// - Parameters:
    ///   - valueIndex: The sample type to count.
    ///   - kept: By node, whether it takes part. Frames of the others are passed over, and what they cost themselves
    ///     is nobody's.
    ///   - countsCalls: Whether to fill `calls`, which takes most of the time where much is inlined.
    init(_ profile: Profile, frames: FrameNames, valueIndex: Int, kept: [Bool], countsCalls: Bool) {
        var weights = [Weight](repeating: Weight(), count: frames.names.count)
        // By node, the last sample that counted it: a recursive function counts once per sample.
        var lastSample = [Int](repeating: -1, count: frames.names.count)
        // Outside of the loops, because every access to a part of another module's type is a call.
        let samples = profile.samples
        let (values, locations, ends) = (samples.values, samples.locations, samples.locationEnds)
        let (nodes, nodeEnds, isEverInlined) = (frames.nodes, frames.ends, frames.isEverInlined)
        let valuesPerSample = samples.valuesPerSample
        for position in ends.indices {
            let value = values[position * valuesPerSample + valueIndex]
            if value == 0 { continue }
            var caller = -1
            var leafWasDropped = false
            for offset in ((position == 0 ? 0 : ends[position - 1])..<ends[position]).reversed() {
                let location = Int(locations[offset].rawValue)
                let first = location == 0 ? 0 : nodeEnds[location - 1]
                let outermost = nodeEnds[location] - 1
                var frame = outermost
                while frame >= first {
                    let node = Int(nodes[frame])
                    defer { frame -= 1 }
                    leafWasDropped = !kept[node]
                    if leafWasDropped { continue }
                    if lastSample[node] != position {
                        lastSample[node] = position
                        weights[node].cumulative &+= value
                    }
                    if countsCalls, caller >= 0, caller != node, isEverInlined[node] {
                        calls.add(value, from: caller, to: node, sample: position, isInline: frame != outermost)
                    }
                    caller = node
                }
            }
            if caller >= 0, !leafWasDropped { weights[caller].flat &+= value }
        }
        self.weights = weights
    }
}

/// The printed name of every frame of a profile.
struct FrameNames {
    /// The distinct names; a node of the graph is a position here.
    private(set) var names: [String] = []
    /// The nodes of all locations behind each other, each innermost first.
    private(set) var nodes: [Int32] = []

    /// By location, the offset behind its last node in `nodes`.
    private(set) var ends: [Int] = []
    /// By node, whether it is inlined at some location. Elsewhere calls need not be looked at.
    private(set) var isEverInlined: [Bool] = []

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
        isEverInlined = Array(repeating: false, count: names.count)
        for (location, end) in ends.enumerated() {
            // All but the last, which is the function that the code belongs to.
            for frame in (location == 0 ? 0 : ends[location - 1])..<(end - 1) {
                isEverInlined[Int(nodes[frame])] = true
            }
        }
    }
}

/// What follows the last slash of `path` that is not at its end.
public func baseName(_ path: String) -> String {
    guard let name = path.utf8.split(separator: UInt8(ascii: "/")).last else { return path.isEmpty ? "." : "/" }
    return String(Substring(name))
}
