public import ProfileModel
public import RegularExpressions

// Facts: github.com/google/pprof `profile/prune.go`.
extension Profile {
    /// Drops the frames that the profile itself calls uninteresting: from the root on, the first whose function matches
    /// `dropFrames` and not `keepFrames`, and everything that it called. Frames before the first other one are kept, so
    /// that nothing loses all its frames.
    ///
    /// pprof does this to every profile that it loads. The expressions have to match the whole simplified name. If one
    /// is malformed, nothing is dropped, and that is returned; pprof says nothing.
    @discardableResult
    public mutating func removeUninterestingFrames() -> RegularExpression.Malformed? {
        if dropFrames.isEmpty { return nil }
        do {
            let drop = try RegularExpression("^(" + string(dropFrames) + ")$")
            let keep = keepFrames.isEmpty ? nil : try RegularExpression("^(" + string(keepFrames) + ")$")
            prune(dropping: drop, keeping: keep)
            return nil
        } catch {
            return error
        }
    }

    private mutating func prune(dropping drop: RegularExpression, keeping keep: RegularExpression?) {
        let isDropped = matchSimplifiedNames { name in
            drop.matches(name) && !(keep?.matches(name) ?? false)
        }
        guard isDropped.contains(true) else { return }
        // A location that is dropped as a whole, or one of which only the outer lines stay.
        var dropsWhole = [Bool](repeating: false, count: locations.count)
        var dropsPart = [Bool](repeating: false, count: locations.count)
        for index in locations.indices {
            let lines = locations[index].lines
            guard let found = lines.lastIndex(where: { isDropped[Int($0.function.rawValue)] }) else { continue }
            if found == lines.count - 1 {
                dropsWhole[index] = true
            } else {
                dropsPart[index] = true
                locations[index].lines = Array(lines[(found + 1)...])
            }
        }
        samples.keep(
            samples.parts { stacks, range in
                var hasUserFrame = false
                for offset in range.reversed() {
                    let location = Int(stacks[offset].rawValue)
                    if !dropsWhole[location], !dropsPart[location] {
                        hasUserFrame = true
                    } else if hasUserFrame {
                        return (dropsWhole[location] ? offset + 1 : offset)..<range.upperBound
                    }
                }
                return range
            })
    }

    /// Drops what the frames nearest to the leaf whose simplified name matches had called; they themselves stay.
    mutating func prune(from expression: RegularExpression) {
        let isMatch = matchSimplifiedNames(expression.matches)
        guard isMatch.contains(true) else { return }
        var isPruned = [Bool](repeating: false, count: locations.count)
        for index in locations.indices {
            let lines = locations[index].lines
            guard let found = lines.firstIndex(where: { isMatch[Int($0.function.rawValue)] }) else { continue }
            isPruned[index] = true
            locations[index].lines = Array(lines[found...])
        }
        samples.keep(
            samples.parts { stacks, range in
                let first = range.first { isPruned[Int(stacks[$0].rawValue)] }
                return (first ?? range.lowerBound)..<range.upperBound
            })
    }

    /// By function, whether its simplified name matches; one without a name does not.
    private func matchSimplifiedNames(_ isMatch: (String) -> Bool) -> [Bool] {
        var known: [Bool?] = Array(repeating: nil, count: strings.count)
        return functions.map { function in
            if function.name.isEmpty { return false }
            if let answer = known[Int(function.name.rawValue)] { return answer }
            let answer = isMatch(simplifiedName(string(function.name)))
            known[Int(function.name.rawValue)] = answer
            return answer
        }
    }
}
