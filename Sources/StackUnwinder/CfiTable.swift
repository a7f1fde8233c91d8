/// The rows of one section of unwind information, decoded one FDE at a time when an address in it is first met.
///
/// Six bytes a row: a start relative to the image and the number of a rule; an image has a few hundred distinct rules.
struct CfiTable: ~Copyable {
    let section: CfiSection
    private let index: FdeIndex
    private let compiler: RuleCompiler
    private var program = CfiProgram()

    /// For each FDE the position of its first row plus one, 0 when not decoded, and the number of its rows.
    private var firstRows: [UInt32]
    private var rowCounts: [UInt32]
    private var rowStarts: [UInt32] = []
    private var rowRules: [UInt16] = []
    private var rules: [UnwindRule] = [.none, .general]
    private var ruleNumbers: [UnwindRule: UInt16] = [.none: 0, .general: 1]

    /// The instructions of one FDE, and the initial ones of a CIE, that are still plausible.
    private static let instructionLimit = 1 << 20
    private static let initialInstructionLimit = 1 << 10

    init(section: CfiSection, index: FdeIndex, layout: RegisterLayout) {
        self.section = section
        self.index = index
        compiler = RuleCompiler(layout: layout, section: section)
        firstRows = [UInt32](repeating: 0, count: index.count)
        rowCounts = firstRows
    }

    /// Where the first function behind `address` starts.
    func entryStart(after address: UInt64) -> UInt64? {
        let next = index.position(for: address).map { $0 + 1 } ?? 0
        return next < index.count ? index.base + UInt64(index.starts[next]) : nil
    }

    /// The rule at `address` of the image; `.none` where no FDE covers it.
    mutating func rule(at address: UInt64) -> UnwindRule {
        guard let position = index.position(for: address) else { return .none }
        if firstRows[position] == 0 { decode(position) }
        let first = Int(firstRows[position]) - 1
        let relative = UInt32(truncatingIfNeeded: address &- index.base)
        var low = first
        var high = first + Int(rowCounts[position])
        while low < high {
            let middle = (low &+ high) / 2
            if rowStarts[middle] <= relative { low = middle &+ 1 } else { high = middle }
        }
        return low == first ? .none : rules[Int(rowRules[low - 1])]
    }

    /// The FDE that covers `address`.
    func description(at address: UInt64) -> FrameDescription? {
        guard let position = index.position(for: address),
            let description = try? section.frameDescription(at: Int(index.offsets[position])),
            description.range.contains(address),
            description.instructions.count <= Self.instructionLimit,
            description.common.instructions.count <= Self.initialInstructionLimit
        else { return nil }
        return description
    }

    /// The full row at `address`, made anew each time.
    mutating func row(at address: UInt64, in description: FrameDescription) -> CfiRow? {
        var result: CfiRow?
        program.run(description, in: section) { range, row in
            guard range.contains(address) else { return true }
            result = copy row
            return false
        }
        return result
    }

    private mutating func decode(_ position: Int) {
        let start = index.base + UInt64(index.starts[position])
        firstRows[position] = UInt32(truncatingIfNeeded: rowStarts.count + 1)
        // No FDE has more rows than instruction bytes: whoever exceeds that in total is playing with us.
        guard rowStarts.count <= section.bytes.count, let description = description(at: start),
            description.range.lowerBound == start
        else { return }
        let first = rowStarts.count
        var end = start
        var starts: [UInt32] = []
        var numbers: [UInt16] = []
        let base = index.base
        var newRules: [UnwindRule] = []
        let compiler = compiler
        program.run(description, in: section) { range, row in
            guard let relative = UInt32(exactly: range.lowerBound &- base) else { return false }
            starts.append(relative)
            newRules.append(compiler.rule(for: row, common: description.common))
            end = range.upperBound
            return true
        }
        for rule in newRules { numbers.append(number(of: rule)) }
        // What follows the last row belongs to nobody.
        if let relative = UInt32(exactly: end &- base) {
            starts.append(relative)
            numbers.append(0)
        }
        rowStarts += starts
        rowRules += numbers
        rowCounts[position] = UInt32(rowStarts.count - first)
    }

    private mutating func number(of rule: UnwindRule) -> UInt16 {
        if let known = ruleNumbers[rule] { return known }
        guard rules.count < Int(UInt16.max) else { return 1 }
        let new = UInt16(rules.count)
        rules.append(rule)
        ruleNumbers[rule] = new
        return new
    }
}
