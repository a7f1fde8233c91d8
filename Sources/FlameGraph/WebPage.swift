import Primitives

/// Puts the files of the folder `Web`, which are part of the program, together into a page.
enum WebPage {
    /// The page that shows `data`, which is JSON without any `<`.
    static func flameGraph(title: String, data: [UInt8]) -> [UInt8] {
        fill(
            PackageResources.page_html,
            [
                "title": Array((title + " · flame graph").htmlEscaped.utf8),
                "style": PackageResources.page_css,
                "data": data,
                "script": script(flameGraphModules),
            ])
    }

    /// Each after those that it imports.
    private static var flameGraphModules: [[UInt8]] {
        [
            PackageResources.format_js, PackageResources.tree_js, PackageResources.layout_js,
            PackageResources.measures_js, PackageResources.search_js, PackageResources.colors_js,
            PackageResources.keyboard_js, PackageResources.details_js, PackageResources.view_js,
            PackageResources.legend_js, PackageResources.links_js, PackageResources.page_js, PackageResources.main_js,
        ]
    }

    /// The modules as one: a page in one file has no addresses that they could import each other from. Lines that
    /// import go, and so does the word `export`; names at their top level must differ.
    private static func script(_ modules: [[UInt8]]) -> [UInt8] {
        var script: [UInt8] = []
        for module in modules {
            for line in module.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
                if line.starts(with: "import ".utf8) { continue }
                script += line.starts(with: "export ".utf8) ? line.dropFirst("export ".utf8.count) : line
                script.append(UInt8(ascii: "\n"))
            }
        }
        return script
    }

    /// `template` with each `{{name}}` replaced; what is put in is not looked at again.
    private static func fill(_ template: [UInt8], _ values: [String: [UInt8]]) -> [UInt8] {
        var page: [UInt8] = []
        page.reserveCapacity(template.count + values.values.reduce(0) { $0 + $1.count })
        var rest = template[...]
        while let open = rest.firstIndex(of: UInt8(ascii: "{")) {
            page += rest[..<open]
            rest = rest[open...]
            guard rest.starts(with: "{{".utf8), let close = rest.firstIndex(of: UInt8(ascii: "}")),
                let value = values[String(decoding: rest[(open + 2)..<close], as: UTF8.self)]
            else {
                page.append(rest.removeFirst())
                continue
            }
            page += value
            rest = rest[(close + 2)...]
        }
        return page + rest
    }
}
