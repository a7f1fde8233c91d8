package import ProfileModel

/// Samples put in order by their stacks, one depth at a time: the samples that share their outer frames stand together
/// and are split by the next frame when somebody asks.
///
/// So a tree of all stacks need not exist to walk it, or to walk only its large parts: a profile of a million stacks
/// takes 52 bytes for each here, where a tree of them could have forty million nodes. Splitting costs O(samples), by
/// counting, without hashing.
package struct StackPartition {
    /// Samples that share their outer frames.
    package struct Group {
        /// Where they stand.
        package var range: Range<Int>
        /// The innermost frame that they share.
        package var frame: Int32
        /// Whether that frame was inlined into its caller in all of them.
        package var isInlined: Bool
    }

    /// A sample, and how far its stack was walked.
    private struct Walker {
        /// Its position in the profile.
        var sample: Int32
        /// How many locations are left, that of the next frame included.
        var left: UInt32
        /// The offset behind the location that the next frame comes from.
        var cursor: Int
        /// How many frames of that location were passed already.
        var passed: Int32
    }

    /// In the order of their stacks, so that those of a group are neighbours in memory: with the state of each sample at
    /// the sample's own place, splitting took twice as long.
    private var walkers: [Walker]

    private let locations: [LocationIndex]
    private let framesOfLocations: [Int32]
    private let frameEnds: [Int]

    // Scratch for `split`, by frame: the group of the current call, valid if the stamp says so.
    private var groupOfFrame: [Int32]
    private var stampOfFrame: [Int]
    private var stamp = 0
    private var keys: [Int32] = []
    private var moved: [Walker] = []

    /// The samples for which `isIncluded` is true, as one group.
    init(_ samples: SampleTable, frames: FrameTable, including isIncluded: (Int) -> Bool) {
        self.init(
            locations: samples.locations, locationEnds: samples.locationEnds,
            framesOfLocations: frames.framesOfLocations, frameEnds: frames.ends, frameCount: frames.frames.count,
            including: isIncluded)
    }

    /// The samples for which `isIncluded` is true, as one group.
    ///
    /// - Parameters:
    ///   - locations: The stacks of all samples behind each other, each leaf first.
    ///   - locationEnds: For each sample the offset behind its last element in `locations`.
    ///   - framesOfLocations: The frames of all locations behind each other, each innermost first.
    ///   - frameEnds: By location, the offset behind its last frame in `framesOfLocations`; each has at least one.
    ///   - frameCount: How many different frames there are.
    package init(
        locations: [LocationIndex], locationEnds: [Int], framesOfLocations: [Int32], frameEnds: [Int], frameCount: Int,
        including isIncluded: (Int) -> Bool
    ) {
        self.locations = locations
        self.framesOfLocations = framesOfLocations
        self.frameEnds = frameEnds
        walkers = []
        walkers.reserveCapacity(locationEnds.count)
        var start = 0
        for (sample, end) in locationEnds.enumerated() {
            if isIncluded(sample) {
                walkers.append(
                    Walker(sample: Int32(sample), left: UInt32(end - start), cursor: end, passed: 0))
            }
            start = end
        }
        groupOfFrame = Array(repeating: 0, count: frameCount)
        stampOfFrame = Array(repeating: 0, count: frameCount)
    }

    /// The range of all samples.
    package var everything: Range<Int> { walkers.indices }

    /// Which sample of the profile is at `position` of a group's range.
    package func sample(at position: Int) -> Int { Int(walkers[position].sample) }

    /// How many frames the sample at `position` has left. O(its locations).
    package func frameCount(at position: Int) -> Int {
        let walker = walkers[position]
        var count = -Int(walker.passed)
        for offset in (walker.cursor - Int(walker.left))..<walker.cursor {
            let location = Int(locations[offset].rawValue)
            count += frameEnds[location] - (location == 0 ? 0 : frameEnds[location - 1])
        }
        return count
    }

    /// Splits a group by the next frame of its samples; those whose stack has ended come to its front.
    ///
    /// Each group may be split once. O(its samples).
    ///
    /// - Returns: The number of samples that have ended, and the others in order of appearance.
    package mutating func split(_ range: Range<Int>) -> (endedCount: Int, groups: [Group]) {
        stamp += 1
        if keys.count < range.count { keys = Array(repeating: 0, count: max(range.count, keys.count * 2)) }
        var endedCount = 0
        var groups: [Group] = []
        // By group, the number of its samples.
        var counts: [Int] = []
        for position in range {
            let (frame, isInlined) = nextFrame(at: position)
            guard frame >= 0 else {
                keys[position - range.lowerBound] = -1
                endedCount += 1
                continue
            }
            if stampOfFrame[Int(frame)] != stamp {
                stampOfFrame[Int(frame)] = stamp
                groupOfFrame[Int(frame)] = Int32(groups.count)
                groups.append(Group(range: 0..<0, frame: frame, isInlined: true))
                counts.append(0)
            }
            let group = Int(groupOfFrame[Int(frame)])
            keys[position - range.lowerBound] = Int32(group)
            counts[group] += 1
            if !isInlined { groups[group].isInlined = false }
        }
        var next = range.lowerBound + endedCount
        for group in groups.indices {
            groups[group].range = next..<(next + counts[group])
            counts[group] = next
            next = groups[group].range.upperBound
        }
        if groups.count + (endedCount > 0 ? 1 : 0) > 1 { rearrange(range, &counts) }
        return (endedCount, groups)
    }

    /// Moves each sample to where its key belongs, keeping the order among equals.
    private mutating func rearrange(_ range: Range<Int>, _ next: inout [Int]) {
        if moved.count < range.count {
            moved = Array(repeating: Walker(sample: 0, left: 0, cursor: 0, passed: 0), count: keys.count)
        }
        var ended = 0
        for position in range {
            let key = Int(keys[position - range.lowerBound])
            if key < 0 {
                moved[ended] = walkers[position]
                ended += 1
            } else {
                moved[next[key] - range.lowerBound] = walkers[position]
                next[key] += 1
            }
        }
        for position in range { walkers[position] = moved[position - range.lowerBound] }
    }

    /// The next frame of the sample at `position`, towards its leaf, or -1 if there is none; and whether it was inlined. It is
    /// passed then.
    @inline(__always)
    package mutating func nextFrame(at position: Int) -> (frame: Int32, isInlined: Bool) {
        guard walkers[position].left > 0 else { return (-1, false) }
        let location = Int(locations[walkers[position].cursor - 1].rawValue)
        let first = location == 0 ? 0 : frameEnds[location - 1]
        let outermost = frameEnds[location] - 1
        let frame = outermost - Int(walkers[position].passed)
        if frame == first {
            walkers[position].cursor -= 1
            walkers[position].left -= 1
            walkers[position].passed = 0
        } else {
            walkers[position].passed += 1
        }
        return (framesOfLocations[frame], frame != outermost)
    }
}
