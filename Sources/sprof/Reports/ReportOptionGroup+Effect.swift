import ArgumentParser

extension ReportOptionGroup {
    /// An option that some commands cannot make anything of, by its name on the command line.
    enum Choice: String, CaseIterable {
        case nodecount = "--nodecount"
        case order = "--flat and --cum"
        case unit = "--unit"
        case filefunctions = "--filefunctions"
        case files = "--files"
        case lines = "--lines"
        case addresses = "--addresses"
        case showcolumns = "--showcolumns"
        case nodefraction = "--nodefraction"
        case edgefraction = "--edgefraction"
        case noTrim = "--no-trim"
        case dropNegative = "--drop-negative"
        case relativePercentages = "--relative-percentages"
        case callTree = "--call-tree"
        case mean = "--mean"
        case divideBy = "--divide-by"
        case compactLabels = "--compact-labels"
        case sourcePath = "--source-path"
        case trimPath = "--trim-path"
        case intelSyntax = "--intel-syntax"
    }

    /// Refuses what was asked for and would have no effect on `command`: nobody should take a number for what it is not.
    ///
    /// - Parameter effective: The options that have an effect; those that are no `Choice` always have.
    func refuseChoices(without effective: Set<Choice>, of command: String) throws {
        for choice in Choice.allCases where !effective.contains(choice) && isMade(choice) {
            throw ValidationError("\(choice.rawValue) has no effect on \(command).")
        }
    }

    /// Whether the user wants something else than the default, which has no effect anywhere.
    private func isMade(_ choice: Choice) -> Bool {
        switch choice {
        case .nodecount: nodecount != nil
        case .order: order != nil
        // Frames made of labels are written in it.
        case .unit: unit != "minimum" && tagroot.isEmpty && tagleaf.isEmpty
        case .filefunctions: granularity == .filefunctions
        case .files: granularity == .files
        case .lines: granularity == .lines
        case .addresses: granularity == .addresses
        case .showcolumns: showcolumns
        case .nodefraction: nodefraction != 0.005
        case .edgefraction: edgefraction != 0.001
        case .noTrim: !trim
        case .dropNegative: dropNegative
        case .relativePercentages: relativePercentages
        case .callTree: callTree
        case .mean: mean
        case .divideBy: divideBy != 1
        case .compactLabels: compactLabels
        case .sourcePath: !sourcePath.isEmpty
        case .trimPath: !trimPath.isEmpty
        case .intelSyntax: intelSyntax
        }
    }
}
