import FlameGraph
import ProfileModel
import Testing

/// The flame graph page as its readers have it: in a browser.
@Suite(.enabled(if: BrowserPage.isPresent, Comment(rawValue: BrowserPage.reason)), .serialized)
struct FlamePageBrowserTests {
    private static let stacks: [(String, Int64)] = [
        ("main;parse;read", 30), ("main;parse;~decode", 20), ("main;write", 40), ("main;parse", 5), ("idle", 5),
    ]

    private func page(
        _ profile: Profile = StackFixture.profile(stacks), fragment: String = "", isDark: Bool = false
    ) throws -> BrowserPage {
        var options = FlamePage.Options()
        options.title = "program"
        options.sampleTypeIndex = 1
        return try BrowserPage(
            html: FlamePage(profile, options: options).render(), isDark: isDark, fragment: fragment)
    }

    @Test func `boxes are as wide as what was measured, and the pointer tells value and share`() throws {
        let page = try page()
        let whole = try page.box("program")
        #expect(try abs(page.box("main").width / whole.width - 0.95) < 0.002)
        #expect(try abs(page.box("read").width / whole.width - 0.30) < 0.002)
        let parse = try page.box("parse")
        try page.move(parse.x, parse.y)
        let tooltip = try page.evaluate("document.getElementById('tooltip').innerText")
        #expect(tooltip.contains("parse"))
        #expect(tooltip.contains("550 ms (55.0 %)"))
        #expect(tooltip.contains("50 ms (5.00 %)"))
        #expect(tooltip.contains("/src/program.c"))
        let decode = try page.box("decode")
        try page.move(decode.x, decode.y)
        #expect(try page.evaluate("document.getElementById('tooltip').innerText").contains("inlined"))
        #expect(page.problems == [])
    }

    @Test func `a click zooms in place, with the callers above, and the reset shows everything`() throws {
        let page = try page()
        let whole = try page.box("program").width
        try page.click(on: "parse")
        #expect(try abs(page.box("parse").width - whole) < 1)
        #expect(try abs(page.box("main").width - whole) < 1)
        #expect(try abs(page.box("read").width / whole - 30.0 / 55) < 0.002)
        #expect(throws: BrowserPage.Failure.self) { try page.box("write") }
        #expect(try page.evaluate("document.getElementById('details').innerText").contains("55.0 %, 100 % of zoom"))
        try page.click(on: "main")
        #expect(try page.box("write").width > 0)
        #expect(try page.evaluate("document.getElementById('reset').disabled") == "false")
        _ = try page.evaluate("document.getElementById('reset').click()")
        #expect(try abs(page.box("main").width / whole - 0.95) < 0.002)
        #expect(page.problems == [])
    }

    @Test func `a search says what share matches, counting nested matches once`() throws {
        let page = try page()
        try page.press("/")
        try page.type("parse|read")
        #expect(try page.evaluate("document.getElementById('matches').value") == "550 ms, 55.0 %")
        let matching = try page.color(of: "read")
        #expect(try page.color(of: "write") != matching)
        #expect(try page.color(of: "parse") == matching)
        try page.press("Enter")
        #expect(try page.evaluate("flamePage.tree.name(flamePage.view.focus)") == "parse")
        try page.press("n")
        #expect(try page.evaluate("flamePage.tree.name(flamePage.view.focus)") == "read")
        try page.press("Enter")
        #expect(try page.evaluate("document.getElementById('matches').value").hasSuffix("(100 % of zoom)"))
        try page.press("Escape")
        #expect(try page.evaluate("document.getElementById('matches').value") == "")
        #expect(try page.evaluate("flamePage.state.zoom !== 0") == "true")
        try page.press("Escape")
        #expect(try page.evaluate("flamePage.state.zoom") == "0")
        // What is no regular expression is looked for as it stands.
        _ = try page.evaluate("flamePage.setSearch('write(')")
        #expect(try page.evaluate("document.getElementById('matches').value") == "no match as plain text")
        #expect(page.problems == [])
    }

    @Test func `the arrow keys walk along the boxes as they lie, in both directions of growth`() throws {
        let page = try page()
        let focus = "flamePage.tree.name(flamePage.view.focus)"
        for (key, name) in [
            ("ArrowDown", "program"), ("ArrowDown", "main"), ("ArrowDown", "parse"), ("ArrowRight", "write"),
            ("ArrowRight", "write"), ("ArrowLeft", "parse"), ("ArrowDown", "read"), ("ArrowRight", "decode"),
            ("ArrowUp", "parse"), ("ArrowUp", "main"), ("ArrowRight", "idle"),
        ] {
            try page.press(key)
            #expect(try page.evaluate(focus) == name, "\(key)")
        }
        try page.press("ArrowLeft")
        try page.press("Enter")
        #expect(try page.evaluate("flamePage.tree.name(flamePage.state.zoom)") == "main")
        try page.press("Backspace")
        #expect(try page.evaluate("flamePage.state.zoom") == "0")
        let top = try page.box("program").y
        try page.press("i")
        #expect(try page.box("program").y > top)
        #expect(try page.box("main").y < page.box("program").y)
        try page.press("ArrowUp")
        #expect(try page.evaluate(focus) == "parse")
        try page.press("?")
        #expect(try page.evaluate("document.getElementById('help').open") == "true")
        #expect(page.problems == [])
    }

    @Test func `boxes go by weight or by name, and another sample type has other widths`() throws {
        var profile = StackFixture.profile([("a", 10), ("c", 30), ("b", 20)])
        // b takes much time in few samples.
        profile.addSample(locations: [LocationIndex(rawValue: 2)], values: [0, 900_000_000])
        let page = try page(profile)
        #expect(try page.box("b").x < page.box("c").x)
        #expect(try page.box("c").x < page.box("a").x)
        try page.press("o")
        #expect(try page.box("a").x < page.box("b").x)
        #expect(try page.box("b").x < page.box("c").x)
        _ = try page.evaluate("flamePage.set('type', 0)")
        #expect(try abs(page.box("c").width / page.box("program").width - 0.5) < 0.002)
        #expect(try page.evaluate("document.getElementById('summary').textContent").hasPrefix("samples: 60"))
        #expect(page.problems == [])
    }

    @Test func `an address takes its reader to the same box, search and order`() throws {
        let first = try page()
        try first.click(on: "parse")
        _ = try first.evaluate("flamePage.setSearch('read')")
        try first.press("o")
        let fragment = try first.evaluate("location.hash")
        // Found again by its names, in a page of another recording.
        let other = StackFixture.profile([("idle", 1), ("other;more", 2), ("main;parse;read", 9), ("main;write", 4)])
        let second = try page(other, fragment: fragment)
        #expect(try second.evaluate("flamePage.tree.name(flamePage.state.zoom)") == "parse")
        #expect(try second.evaluate("document.getElementById('query').value") == "read")
        #expect(try second.evaluate("flamePage.state.order") == "name")
        _ = try first.evaluate("history.back()")
        let wrong = try page(fragment: "#zoom=zzzz&order=x&type=y&search=")
        #expect(try wrong.evaluate("[flamePage.state.zoom, flamePage.state.order]") == "[0,\"weight\"]")
        #expect(first.problems + second.problems + wrong.problems == [])
    }

    @Test func `a comparison is red where more was measured, blue where less, grey where nothing changed`() throws {
        let profile = StackFixture.profile(
            [("main;same", 50), ("main;grown", 40), ("main;shrunk", 5), ("main;added", 5)],
            base: [("main;same", 50), ("main;grown", 10), ("main;shrunk", 35), ("main;removed", 5)])
        let page = try page(profile)
        let grown = try page.color(of: "grown")
        let shrunk = try page.color(of: "shrunk")
        let same = try page.color(of: "same")
        #expect(grown[0] > grown[2] + 40, "\(grown)")
        #expect(shrunk[2] > shrunk[0] + 40, "\(shrunk)")
        #expect(same[0] == same[1] && same[1] == same[2], "\(same)")
        // Both what is new and what is gone has its box.
        #expect(try abs(page.box("added").width - page.box("removed").width) < 1)
        let removed = try page.box("removed")
        try page.move(removed.x, removed.y)
        let tooltip = try page.evaluate("document.getElementById('tooltip').innerText")
        #expect(tooltip.contains("−5.00 pp, gone"), "\(tooltip)")
        _ = try page.evaluate("flamePage.set('width', 'after')")
        #expect(throws: BrowserPage.Failure.self) { try page.box("removed") }
        #expect(try abs(page.box("grown").width / page.box("program").width - 0.4) < 0.002)
        #expect(page.problems == [])
    }

    @Test func `equal totals make a recording of twice the length equal`() throws {
        let profile = StackFixture.profile(
            [("main;a", 60), ("main;b", 40)], base: [("main;a", 30), ("main;b", 20)])
        let page = try page(profile)
        let before = try page.color(of: "a")
        #expect(before[0] > before[2], "\(before)")
        _ = try page.evaluate("document.getElementById('normalize').click()")
        let color = try page.color(of: "a")
        #expect(color[0] == color[1] && color[1] == color[2], "\(color)")
        #expect(page.problems == [])
    }

    @Test func `no name becomes markup, script or reversed text`() throws {
        let names = [
            "</script><script>globalThis.isBroken = true</script>",
            "<img src=x onerror=\"globalThis.isBroken = true\">",
            "a\"b'c&amp;d", "\u{202e}txet\u{202c}", "<!--", "]]>", "{{data}}", "\\u003c", "líne\nbreak\ttab", "名前",
            "\u{2028}separator", "__proto__", "constructor", String(repeating: "long", count: 20_000),
        ]
        let profile = StackFixture.profile(
            names.map { ("root;" + $0.replacing(";", with: ","), 10) }, mapping: "/tmp/</style><script>isBroken=1",
            file: "</title><script>isBroken=1</script>")
        var options = FlamePage.Options()
        options.title = "</title><script>globalThis.isBroken = true</script>"
        options.header = ["<b>Header</b>"]
        let page = try BrowserPage(html: FlamePage(profile, options: options).render())
        #expect(try page.evaluate("typeof globalThis.isBroken") == "undefined")
        for name in names {
            let name = name.replacing(";", with: ",")
            let box = try page.box(name)
            try page.move(box.x, box.y)
        }
        #expect(try page.evaluate("flamePage.data.frames.name.length") == "\(names.count + 1)")
        #expect(try page.evaluate("document.querySelectorAll('img, b').length") == "0")
        let box = try page.box(names[3])
        try page.move(box.x, box.y)
        let tooltip = try page.evaluate("document.getElementById('tooltip').innerText")
        #expect(tooltip.contains("\\u{202e}txet\\u{202c}"), "\(tooltip)")
        #expect(page.problems == [])
    }

    @Test func `an empty profile and one without values give a page all the same`() throws {
        for profile in [StackFixture.profile([]), StackFixture.profile([("a", 0)])] {
            let page = try page(profile)
            #expect(try page.evaluate("flamePage.tree.count") == "1")
            try page.press("ArrowDown")
            try page.press("Enter")
            #expect(page.problems == [])
        }
    }

    @Test func `the colours follow the system's choice of dark or light`() throws {
        let light = try page().color(of: "write")
        let dark = try page(isDark: true).color(of: "write")
        #expect(dark.reduce(0, +) < light.reduce(0, +) - 150)
    }
}
