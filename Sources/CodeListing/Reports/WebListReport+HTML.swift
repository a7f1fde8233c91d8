import Primitives
import ProfileModel
import ProfileReport

extension WebListReport {
    /// The page, which needs nothing from elsewhere. Every name and line of source in it is escaped.
    public func render() -> String {
        var page = Self.head
        let header = context.profileLines(in: context.options.unit) + context.activeFilterLines
        let title = context.title.isEmpty ? "sprof" : context.title
        page += "<title>" + Self.escaped(title) + "</title>\n<header><h1>" + Self.escaped(title) + "</h1><p>"
        page += header.map(Self.escaped).joined(separator: "<br>")
        page += "<p>Total: <b>" + Self.escaped(context.format(context.total)) + "</b> "
        page += "<button id=all>Show all machine code</button></header>\n"
        for section in sections { append(section, to: &page) }
        return page + Self.script
    }

    private func append(_ section: Section, to page: inout String) {
        let listing = section.listing
        page += "<section><h2>" + Self.escaped(listing.function) + "</h2>"
        guard let file = listing.file else {
            page += "<p class=note>No source information</section>\n"
            return
        }
        page += "<p class=file>" + Self.escaped(file) + "<p class=sums>flat <b>"
        page += Self.escaped(context.format(listing.total.flat)) + "</b> cum <b>"
        page += Self.escaped(context.format(listing.total.cumulative)) + "</b> "
        page += Self.escaped(context.percentage(listing.total.cumulative)) + " of total\n"
        switch listing.lines {
        case .failure(let missing):
            page += "<p class=note>" + Self.escaped(missing.description) + "\n<div class=code>"
            for number in section.instructions.keys.sorted() {
                let weight = Self.weight(of: section.instructions[number])
                append(
                    ListReport.SourceLine(number: number, text: "", weight: weight), section.instructions[number],
                    of: listing, to: &page)
            }
        case .success(let lines):
            page += "<div class=code>"
            for line in lines { append(line, section.instructions[line.number], of: listing, to: &page) }
        }
        page += "</div></section>\n"
    }

    private func append(
        _ line: ListReport.SourceLine, _ instructions: Instructions?, of section: ListReport.Section,
        to page: inout String
    ) {
        // The line's part of the function colours it.
        let whole = Double(section.total.cumulative.magnitude)
        let heat = whole == 0 ? 0 : min(1, Double(line.weight.cumulative.magnitude) / whole)
        let style = heat == 0 ? "" : " style=--h:\(Int((heat * 100).rounded()))%"
        let text =
            "<i>" + padded(String(line.number), to: 6) + "</i> <u>"
            + Self.escaped(padded(context.formatOrDot(line.weight.flat), to: 10)) + "</u> <u>"
            + Self.escaped(padded(context.formatOrDot(line.weight.cumulative), to: 10)) + "</u>  "
            + Self.escaped(Self.expandingTabs(line.text))
        guard let instructions else {
            page += "<div class=l\(style)>" + text + "</div>\n"
            return
        }
        page += "<details\(style)><summary>" + text + "</summary><div class=a>"
        var lastCalls: [Routine.Frame] = []
        for row in instructions.rows {
            if row.startsBlock {
                page += "<div class=gap>                               ⋮</div>"
                lastCalls = []
            }
            append(row, after: lastCalls, to: &page)
            lastCalls = row.calls
        }
        page += "</div></details>\n"
    }

    private func append(_ row: Instructions.Row, after lastCalls: [Routine.Frame], to page: inout String) {
        let blank = String(repeating: " ", count: 30)
        for (depth, call) in row.calls.enumerated() where depth >= lastCalls.count || lastCalls[depth] != call {
            let indent = String(repeating: "  ", count: depth + 1)
            let source = (calleeLines[call] ?? "").drop { $0 == " " || $0 == "\t" }
            page += "<div class=call>" + blank + indent + Self.escaped(call.name) + "  "
            page += Self.escaped("\(baseName(call.file)):\(call.line)  \(source)") + "</div>"
        }
        let indent = String(repeating: "  ", count: row.calls.count + 1)
        page += "<div>" + String(repeating: " ", count: 7) + "<u>"
        page += Self.escaped(padded(context.formatOrDot(row.weight.flatValue), to: 10)) + "</u> <u>"
        page += Self.escaped(padded(context.formatOrDot(row.weight.cumulativeValue), to: 10)) + "</u>  "
        page += indent + "<em>" + String(row.address, radix: 16) + "</em>  " + Self.escaped(row.text)
        page += "  <s>" + Self.escaped(row.place.file.isEmpty ? "" : "\(baseName(row.place.file)):\(row.place.line)")
        page += "</s></div>"
    }

    private static func weight(of instructions: Instructions?) -> Weight {
        var weight = Weight()
        for row in instructions?.rows ?? [] { weight += row.weight }
        return weight
    }

    /// With spaces for tabs, each up to the next column that is a multiple of 8.
    private static func expandingTabs(_ line: String) -> String {
        guard line.utf8.contains(0x09) else { return line }
        var result = ""
        var column = 0
        for character in line {
            if character == "\t" {
                let count = 8 - column % 8
                result += String(repeating: " ", count: count)
                column += count
            } else {
                result.append(character)
                column += 1
            }
        }
        return result
    }

    /// Fit for a page: no markup, no control characters, nothing that turns the direction of writing.
    private static func escaped(_ text: String) -> String {
        text.terminalEscaped.htmlEscaped
    }

    private static let head = """
        <!DOCTYPE html>
        <html lang=en>
        <meta charset=utf-8>
        <meta name=viewport content="width=device-width">
        <meta http-equiv=Content-Security-Policy content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
        <style>
        :root { color-scheme: light dark; --back: #fff; --text: #1c1c1e; --dim: #77797e; --heat: #e8590c; --line: #e3e3e6 }
        @media (prefers-color-scheme: dark) {
            :root { --back: #17181b; --text: #e6e6e9; --dim: #8b8e95; --heat: #ff922b; --line: #2c2d31 }
        }
        body { margin: 0 auto; padding: 1.5rem; max-width: 110rem; background: var(--back); color: var(--text);
            font: 14px/1.45 system-ui, sans-serif }
        h1 { font-size: 1.2rem; margin: 0 } h2 { font-size: 1.05rem; margin: 2rem 0 0; overflow-wrap: anywhere }
        p { margin: .2rem 0 } .file, header p { color: var(--dim) } .note { color: var(--heat) }
        .code { margin-top: .6rem; border: 1px solid var(--line); border-radius: 6px; overflow-x: auto; padding: .4rem 0;
            font: 12.5px/1.5 ui-monospace, monospace; white-space: pre }
        .l, summary { padding: 0 .8rem 0 1.6rem;
            background: color-mix(in srgb, var(--heat) calc(var(--h, 0%) * .35), transparent) }
        summary { cursor: pointer; list-style: none; padding-left: 1.6rem } summary::before { content: "▸"; float: left;
            margin-left: -1rem; color: var(--dim) } [open] > summary::before { content: "▾" }
        summary:hover { text-decoration: underline dotted var(--dim) } summary:focus-visible { outline: 2px solid var(--heat) }
        i, s, em, .gap { color: var(--dim); font-style: normal; text-decoration: none } u { text-decoration: none }
        .a { padding: 0 .8rem 0 1.6rem; border-left: 3px solid var(--line) } .call { color: #1971c2 }
        @media (prefers-color-scheme: dark) { .call { color: #74c0fc } }
        button { font: inherit; border: 1px solid var(--line); border-radius: 5px; background: none; color: inherit; padding: .1rem .6rem }
        </style>

        """

    private static let script = """
        <script>
        const all = document.getElementById("all");
        all.onclick = () => {
            const lines = document.querySelectorAll("details");
            const open = ![...lines].every(line => line.open);
            for (const line of lines) line.open = open;
            all.textContent = open ? "Hide all machine code" : "Show all machine code";
        };
        </script>
        </html>

        """
}
