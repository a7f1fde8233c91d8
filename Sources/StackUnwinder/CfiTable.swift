/// The rows of one section of unwind information, decoded one FDE at a time when an address in it is first met.
///
/// Six bytes a row: a start relative to the image and the number of a rule; an image has a few hundred distinct rules.
struct CfiTable: ~Copyable {
    let section: CfiSection
    private let index: FdeIndex
    private let compiler: RuleCompiler
    private var program = CfiProgram()

    /// For each FDE the position of its first row plus one, 0 when not decoded, and from bit 32 the number of its rows; in
    /// pages that are made when first needed, since large programs have a million of which few are met.
    private var places: [[UInt64]]
    private static let pageBits = 9
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
        places = [[UInt64]](repeating: [], count: index.count >> Self.pageBits + 1)
    }

    /// Where the first function behind `address` starts.
    func entryStart(after address: UInt64) -> UInt64? {
        let next = index.position(for: address).map { $0 + 1 } ?? 0
        return next < index.count ? index.start(at: next) : nil
    }

    /// The rule at `address` of the image; `.none` where no FDE covers it.
    mutating func rule(at address: UInt64) -> UnwindRule {
        guard let position = index.position(for: address) else { return .none }
        var place = place(of: position)
        if place == 0 {
            decode(position)
            place = self.place(of: position)
        }
        let first = Int(place & 0xffff_ffff) - 1
        let relative = UInt32(truncatingIfNeeded: address &- index.base)
        var low = first
        var high = first + Int(place >> 32)
        while low < high {
            let middle = (low &+ high) / 2
            if rowStarts[middle] <= relative { low = middle &+ 1 } else { high = middle }
        }
        return low == first ? .none : rules[Int(rowRules[low - 1])]
    }

    /// The FDE that covers `address`.
    func description(at address: UInt64) -> FrameDescription? {
        guard let position = index.position(for: address), let offset = index.offset(at: position),
            let description = try? section.frameDescription(at: offset),
            description.range.contains(address),
            description.instructions.count <= Self.instructionLimit,
            description.common.instructions.count <= Self.initialInstructionLimit
        else { return nil }
        return description
    }

    /// The full row at `address`, made anew each time.
    mutating func row(at address: UInt64, in description: FrameDescription) -> CfiRow? {
        section.trim()
        var result: CfiRow?
        program.run(description, in: section) { range, row in
            guard range.contains(address) else { return true }
            result = copy row
            return false
        }
        return result
    }

    private func place(of position: Int) -> UInt64 {
        let page = places[position >> Self.pageBits]
        return page.isEmpty ? 0 : page[position & (1 << Self.pageBits - 1)]
    }

    private mutating func setPlace(of position: Int, firstRow: Int, rowCount: Int) {
        let page = position >> Self.pageBits
        if places[page].isEmpty { places[page] = [UInt64](repeating: 0, count: 1 << Self.pageBits) }
        places[page][position & (1 << Self.pageBits - 1)] =
            UInt64(UInt32(truncatingIfNeeded: firstRow + 1)) | UInt64(rowCount) << 32
    }

    private mutating func decode(_ position: Int) {
        section.trim()
        let start = index.start(at: position)
        setPlace(of: position, firstRow: rowStarts.count, rowCount: 0)
        // No FDE has more rows than instruction bytes: whoever exceeds that in total is playing with us.
        guard rowStarts.count <= section.byteCount, let description = description(at: start),
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
        setPlace(of: position, firstRow: first, rowCount: starts.count)
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
