public import ProfileReport

extension OptionField {
    /// All options.
    ///
    /// Names, kinds and defaults: github.com/google/pprof `internal/driver/config.go`.
    public static let all: [OptionField] = [
        OptionField("output", .text(\.output), "The file to write the report to"),

        // How values are shown.
        OptionField(
            "call_tree", .truth(\.callTree), "A tree of calls in place of a graph",
            "A function that is reached by several paths is a node for each."),
        OptionField(
            "relative_percentages", .truth(\.relativePercentages), "Percentages of what the filters leave",
            "Without it they are of the whole profile."),
        OptionField(
            "unit", .text(\.unit), "The unit of values",
            "minimum is one unit for all that suits the smallest, auto each value's own; else a name such as ms or MB."),
        OptionField("compact_labels", .truth(\.compactLabels), "No lines about the profile above reports"),
        OptionField("source_path", .text(\.sourcePath), "Folders to look for sources in, separated by colons"),
        OptionField("trim_path", .text(\.trimPath), "What to cut off the paths of sources, separated by colons"),
        OptionField(
            "intel_syntax", .truth(\.intelSyntax), "Machine code in Intel's syntax", "For disasm and weblist."),

        // What is counted.
        OptionField(
            "mean", .truth(\.mean), "Values divided by the first value of their sample",
            "The mean size of an allocation, or the mean time of an event."),
        OptionField(
            "sample_index", .text(\.sampleIndex), "The values to show, by position from 0 or by name"),
        OptionField("divide_by", .number(\.divideBy), "A number that all values are divided by"),
        OptionField("normalize", .truth(\.normalize), "Scale the profile to the total of its base"),
        OptionField("sort", .order, "The order of entries"),

        // Labels as frames.
        OptionField(
            "tagroot", .text(\.tagRoot), "Labels whose values become callers of everything",
            "Keys separated by commas; the first becomes the outermost."),
        OptionField(
            "tagleaf", .text(\.tagLeaf), "Labels whose values become callees of everything",
            "Keys separated by commas; the last becomes the innermost."),

        // What is left out.
        OptionField("drop_negative", .truth(\.dropNegative), "Leave out entries with negative values"),
        OptionField(
            "nodecount", .integer(\.nodeCount), "The most entries to show",
            "0 is all, and -1 what suits the report. In graphs, a dotted line stands for a path through what is left out."
        ),
        OptionField(
            "nodefraction", .number(\.nodeFraction), "Leave out entries below this part of the total"),
        OptionField("edgefraction", .number(\.edgeFraction), "Leave out calls below this part of the total"),
        OptionField(
            "trim", .truth(\.trim), "Leave out anything by nodecount, nodefraction and edgefraction",
            "Set to false to see all."),
        OptionField(
            "focus", .text(\.focus), "Only samples with a frame that matches this expression", matchedNames),
        OptionField("ignore", .text(\.ignore), "No samples with a frame that matches this expression", matchedNames),
        OptionField(
            "prune_from", .text(\.pruneFrom), "Leave out what frames that match this expression call"),
        OptionField(
            "hide", .text(\.hide), "Leave out frames that match this expression",
            "The rest of their samples is shown. " + matchedNames),
        OptionField("show", .text(\.show), "Leave out frames that do not match this expression", matchedNames),
        OptionField(
            "show_from", .text(\.showFrom), "Leave out the callers of the outermost frame that matches", matchedNames),
        OptionField(
            "tagfocus", .text(\.tagFocus), "Only samples with a label that matches this expression", labelSyntax),
        OptionField(
            "tagignore", .text(\.tagIgnore), "No samples with a label that matches this expression", labelSyntax),
        OptionField("tagshow", .text(\.tagShow), "Leave out labels whose keys do not match this expression"),
        OptionField("taghide", .text(\.tagHide), "Leave out labels whose keys match this expression"),

        // What makes an entry.
        OptionField(
            "noinlines", .truth(\.noInlines), "Count inlined functions as the function that they are inlined in"),
        OptionField("showcolumns", .truth(\.showColumns), "Tell the columns of a line apart"),
        OptionField("granularity", .granularity, "What makes an entry"),
    ]

    /// What the choices of options mean, by their names.
    static let choiceHelp: [String: String] = [
        "flat": "Order by what an entry used itself",
        "cum": "Order by what an entry and all it called used",
        "functions": "An entry for each function name",
        "filefunctions": "An entry for each function name in each file",
        "files": "An entry for each source file",
        "lines": "An entry for each source line",
        "addresses": "An entry for each address",
    ]

    /// The option called `name`, or the one with a choice of that name.
    public static func named(_ name: String) -> OptionField? {
        all.first { $0.name == name } ?? all.first { $0.choices.contains(name) }
    }

    /// Sets the option `name` to `value`; or, when `name` is a choice and `value` is true, its option to that choice.
    ///
    /// - Parameter lenient: A choice needs no value then: `cum` alone is `sort=cum`, which pprof refuses.
    public static func set(
        _ name: String, to value: String, in options: inout ReportOptions, lenient: Bool = false
    ) throws(OptionError) {
        guard let field = named(name) else { throw .unknown(name) }
        if field.name == name { return try field.set(value, in: &options) }
        guard GoNumber.strictTruth(value) == true || (lenient && value.isEmpty) else { throw .unknown(name) }
        try field.set(name, in: &options)
    }

    private static let matchedNames = "It is looked for in the names of functions, source files and binaries."
    private static let labelSyntax =
        "Text: expressions separated by commas, with key= in front for one key. Numbers: 1kb, 1kb:10kb, bytes=32mb:"
}
