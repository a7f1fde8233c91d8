import ProfileModel
import RegularExpressions

// The steps of `ProfileFilter`. Facts: github.com/google/pprof `profile/filter.go`.
extension Profile {
    /// Keeps samples with a frame that `focus` matches and none that `ignore` does, and of their frames those that
    /// `hide` does not match and `show` does. Which of the expressions matched anything.
    mutating func filterFrames(
        focus: RegularExpression?, ignore: RegularExpression?, hide: RegularExpression?, show: RegularExpression?
    ) -> (focus: Bool, ignore: Bool, hide: Bool, show: Bool) {
        if focus == nil, ignore == nil, hide == nil, show == nil { return (true, false, false, false) }
        let (focusMatch, ignoreMatch) = (matcher(focus), matcher(ignore))
        let (hideMatch, showMatch) = (matcher(hide), matcher(show))
        var matched = (focus: false, ignore: false, hide: false, show: false)
        var isFocused = [Bool](repeating: false, count: locations.count)
        var isIgnored = [Bool](repeating: false, count: locations.count)
        var isHidden = [Bool](repeating: false, count: locations.count)
        for index in locations.indices {
            if let ignoreMatch, ignoreMatch.matches(locations[index]) {
                matched.ignore = true
                isIgnored[index] = true
            } else if focusMatch?.matches(locations[index]) ?? true {
                matched.focus = true
                isFocused[index] = true
            }
            if let hideMatch, hideMatch.matches(locations[index]) {
                matched.hide = true
                if hideMatch.matchesMapping(of: locations[index]) {
                    locations[index].lines = []
                } else {
                    locations[index].lines.removeAll(where: hideMatch.matches)
                }
                if locations[index].lines.isEmpty { isHidden[index] = true }
            }
            if let showMatch {
                if !showMatch.matchesMapping(of: locations[index]) {
                    locations[index].lines.removeAll { !showMatch.matches($0) }
                }
                if locations[index].lines.isEmpty { isHidden[index] = true } else { matched.show = true }
            }
        }
        // A sample without frames has none in focus, whatever the focus is.
        samples.keep(
            samples.parts { stacks, range in
                var keeps = false
                for offset in range {
                    let location = Int(stacks[offset].rawValue)
                    if isIgnored[location] { return nil }
                    if isFocused[location] { keeps = true }
                }
                return keeps ? range : nil
            })
        if isHidden.contains(true) { samples.removeLocations(where: isHidden) }
        return matched
    }

    /// Drops all frames above the match nearest to the root, and samples without a match. Whether there is one.
    mutating func show(from expression: RegularExpression) -> Bool {
        let match = FrameMatcher(expression, self)
        var isMatch = [Bool](repeating: false, count: locations.count)
        for index in locations.indices {
            if match.matchesMapping(of: locations[index]) {
                isMatch[index] = true
            } else if let outermost = locations[index].lines.lastIndex(where: match.matches) {
                isMatch[index] = true
                locations[index].lines.removeLast(locations[index].lines.count - outermost - 1)
            }
        }
        samples.keep(
            samples.parts { stacks, range in
                let outermost = range.last { isMatch[Int(stacks[$0].rawValue)] }
                return outermost.map { range.lowerBound..<($0 + 1) }
            })
        return isMatch.contains(true)
    }

    /// Keeps labels whose key `show` matches and `hide` does not. Which of them matched anything.
    mutating func filterLabels(show: RegularExpression?, hide: RegularExpression?) -> (show: Bool, hide: Bool) {
        var matched = (show: false, hide: false)
        var isRemoved: [Bool?] = Array(repeating: nil, count: strings.count)
        let strings = strings
        samples.removeLabels { label in
            let key = Int(label.key.rawValue)
            if let answer = isRemoved[key] { return answer }
            let isShown = show?.matches(strings.strings[key]) ?? true
            let isHidden = hide?.matches(strings.strings[key]) ?? false
            if isShown { matched.show = true }
            if isHidden { matched.hide = true }
            isRemoved[key] = !isShown || isHidden
            return !isShown || isHidden
        }
        return matched
    }

    private func matcher(_ expression: RegularExpression?) -> FrameMatcher? {
        expression.map { FrameMatcher($0, self) }
    }
}
