import Primitives
import ProfileModel
import ProfileTransform
import Testing

@Suite struct ProfileFilterTests {
    /// Stacks `leaf…root` of one-letter functions, each with the value 1 and the thread of its number.
    private func profile(_ stacks: String...) -> Profile {
        var profile = Profile(sampleTypes: [("samples", "count")])
        let thread = profile.intern("thread")
        for (number, stack) in stacks.enumerated() {
            let locations = stack.map { letter in
                let function = profile.addFunction(
                    name: String(letter), systemName: String(letter), file: "/\(letter).S")
                return profile.addLocation(mapping: nil, address: Address(1), lines: [Line(function: function)])
            }
            let label = Label(key: thread, string: profile.intern("t\(number)"))
            profile.addSample(locations: locations, values: [1], labels: [label])
        }
        return profile
    }

    private func stacks(_ profile: Profile) -> [String] {
        profile.samples.map { sample in
            sample.locations.map { location in
                profile.locations[Int(location.rawValue)].lines.map { line in
                    profile.string(profile.functions[Int(line.function.rawValue)].name)
                }.joined()
            }.joined()
        }
    }

    private func apply(_ set: (inout ProfileFilter.Expressions) -> Void, to profile: Profile) throws -> [String] {
        var expressions = ProfileFilter.Expressions()
        set(&expressions)
        var changed = profile
        let notices = try ProfileFilter(expressions).apply(to: &changed, units: [:])
        return stacks(changed) + notices
    }

    @Test func `focus keeps samples, ignore drops them, and ignore wins`() throws {
        let profile = profile("abc", "bd", "ce")
        #expect(try apply({ $0.focus = "a|e" }, to: profile) == ["abc", "ce"])
        #expect(try apply({ $0.ignore = "a|e" }, to: profile) == ["bd"])
        #expect(try apply({ ($0.focus, $0.ignore) = ("b", "a") }, to: profile) == ["bd"])
        #expect(try apply({ $0.focus = "/e.S" }, to: profile) == ["ce"])
    }

    @Test func `hide and show take frames, and samples that lose all`() throws {
        let profile = profile("abc", "bd", "b")
        #expect(try apply({ $0.hide = "b" }, to: profile) == ["ac", "d"])
        #expect(try apply({ $0.show = "b|c" }, to: profile) == ["bc", "b", "b"])
    }

    @Test func `show_from cuts above the outermost match, prune_from below the innermost, which both stay`() throws {
        let profile = profile("abcbd", "e")
        #expect(try apply({ $0.showFrom = "b" }, to: profile) == ["abcb"])
        #expect(try apply({ $0.pruneFrom = "c" }, to: profile) == ["cbd", "e"])
    }

    @Test func `labels choose samples, and what matches nothing is said in pprof's order`() throws {
        let profile = profile("a", "b", "c")
        #expect(try apply({ $0.tagFocus = "thread:t1" }, to: profile) == ["b"])
        #expect(try apply({ $0.tagIgnore = "thread=t0,t2" }, to: profile) == ["b"])
        #expect(
            try apply({ ($0.hide, $0.ignore, $0.tagShow) = ("x", "y", "z") }, to: profile) == [
                "a", "b", "c", "Ignore expression matched no samples", "Hide expression matched no samples",
                "TagShow expression matched no samples",
            ])
    }

    @Test func `what is malformed is named with its option`() {
        var expressions = ProfileFilter.Expressions()
        expressions.showFrom = "a(b"
        let error = #expect(throws: ProfileFilterError.self) { try ProfileFilter(expressions) }
        #expect(error?.description == "parsing show_from regexp: error parsing regexp: missing closing ): `a(b`")
        expressions = ProfileFilter.Expressions()
        expressions.tagFocus = "99999999999999999999kb"
        #expect(throws: ProfileFilterError.numberOutOfRange(option: "tagfocus", "99999999999999999999")) {
            try ProfileFilter(expressions)
        }
    }

    @Test func `seventy expressions on labels all have to match`() throws {
        let profile = profile("a", "b")
        let many = Array(repeating: "t1", count: 69)
        #expect(try apply({ $0.tagFocus = (many + ["thread"]).joined(separator: ",") }, to: profile) == ["b"])
        #expect(
            try apply({ $0.tagFocus = (many + ["nothing"]).joined(separator: ",") }, to: profile) == [
                "TagFocus expression matched no samples"
            ])
    }

    @Test func `drop_frames drops callees of what matches as a whole, but never all of a stack`() throws {
        var profile = profile("xmr", "xm", "mr")
        profile.dropFrames = profile.intern("m")
        profile.removeUninterestingFrames()
        #expect(stacks(profile) == ["r", "xm", "r"])
        profile.dropFrames = profile.intern("(")
        #expect(profile.removeUninterestingFrames() != nil)
    }
}
