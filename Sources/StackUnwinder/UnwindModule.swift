public import ELF
public import Primitives

/// One image and what unwinding knows of it, read when first needed. Belongs to the thread of its table.
public final class UnwindModule {
    /// The file.
    public let image: ElfImage
    /// What to call it in messages.
    public let displayName: String

    /// The image's addresses are kept relative to the lowest one.
    private let base: UInt64
    private let layout: RegisterLayout?
    private var isLoaded = false
    private var ehFrame: CfiTable?
    private var debugFrame: CfiTable?
    private lazy var functions = FunctionIndex(image, base: base)
    private lazy var entryRange = findEntryRange()
    private lazy var isGo = image.sections.contains {
        $0.name == ".gopclntab" || $0.name == ".go.buildinfo" || $0.name == ".note.go.buildid"
    }
    private lazy var goFunctions = isGo ? GoFrames(image, limit: Self.sectionLimit) : nil
    private var pages = CodePages()
    /// What `analyzedRule` found, since following code costs microseconds.
    private var analyzed: [UInt64: UnwindRule] = [:]
    private static let analyzedLimit = 1 << 14
    /// The rules of Go code by address and whether that is a return address: a build has hundreds of processes that run one
    /// compiler, and to find a rule in its tables takes half a microsecond and pieces of all of them.
    private var goRules: [UInt64: UnwindRule] = [:]
    private static let goRuleLimit = 1 << 15

    /// More bytes of unwind information than this are not read into the recorder.
    private static let sectionLimit = 256 << 20

    init(_ image: ElfImage, displayName: String) {
        self.image = image
        self.displayName = displayName
        layout = RegisterSet(machine: image.machine).layout
        base = image.segments.lazy.filter(\.isLoad).map(\.address.value).min() ?? 0
    }

    /// Whether the file has stopped answering, so that nothing more is known of it.
    var isSilent: Bool { image.isGivenUp }

    /// How to leave the frame at `address` of the image, by unwind information only.
    func tableRule(at address: UInt64) -> UnwindRule {
        load()
        let rule = ehFrame?.rule(at: address) ?? .none
        if rule != .none { return rule }
        return debugFrame?.rule(at: address) ?? .none
    }

    /// How to leave the frame at `address`, by whatever is known. `isReturn`: the address is inside a call instruction.
    func rule(at address: UInt64, isReturn: Bool) -> UnwindRule {
        guard isGo else { return findRule(at: address, isReturn: isReturn) }
        let key = address << 1 | (isReturn ? 1 : 0)
        if let known = goRules[key] { return known }
        let rule = findRule(at: address, isReturn: isReturn)
        if goRules.count >= Self.goRuleLimit { goRules.removeAll(keepingCapacity: true) }
        goRules[key] = rule
        return rule
    }

    private func findRule(at address: UInt64, isReturn: Bool) -> UnwindRule {
        if entryRange.contains(address) { return UnwindRule(.root) }
        if isGo, let role = role(at: address, isReturn: isReturn) { return role }
        let rule = tableRule(at: address)
        if rule != .none {
            // The kernel's CFI for arm64 leads past the interrupted code, to its caller.
            if rule == .general, image.machine == .arm64,
                CodePatterns.isSignalTrampoline(
                    machine: image.machine, window: code(around: isReturn ? address &+ 1 : address))
            {
                return UnwindRule(.signalTrampoline)
            }
            return rule
        }
        // What else there is to go by is in the file, too.
        if isSilent { return UnwindRule(.silentFile) }
        if let role = role(at: address, isReturn: isReturn) { return role }
        if let rule = goFunctions?.rule(at: address, isReturn: isReturn) { return rule }
        // In the kernel, the program counter is already behind the system call.
        if !isReturn, CodePatterns.isBehindSignalReturn(machine: image.machine, window: code(around: address)) {
            return UnwindRule(.signalTrampoline)
        }
        let exact = isReturn ? address &+ 1 : address
        if CodePatterns.isSignalTrampoline(machine: image.machine, window: code(around: exact)) {
            return UnwindRule(.signalTrampoline)
        }
        if !isReturn,
            let leaf = CodePatterns.leafRule(
                machine: image.machine, address: address, function: functionStart(around: address),
                code: { self.code(around: $0) })
        {
            return leaf
        }
        return UnwindRule(.checkedFramePointer, offset: 16, framePointerSlot: -2)
    }

    /// The full row for `address` and what its CIE says.
    func row(at address: UInt64) -> (row: CfiRow, common: CommonInformation, section: CfiSection)? {
        load()
        if let description = ehFrame?.description(at: address), let row = ehFrame?.row(at: address, in: description),
            let section = ehFrame?.section
        {
            return (row, description.common, section)
        }
        if let description = debugFrame?.description(at: address),
            let row = debugFrame?.row(at: address, in: description), let section = debugFrame?.section
        {
            return (row, description.common, section)
        }
        return nil
    }

    /// Where the code begins that the unwind information describes together with `address`.
    func describedStart(of address: UInt64) -> UInt64? { describedRange(around: address)?.lowerBound }

    private func describedRange(around address: UInt64) -> Range<UInt64>? {
        load()
        return (ehFrame?.description(at: address) ?? debugFrame?.description(at: address))?.range
    }

    /// The start of the function around `address`, from the symbol tables or the unwind information; nil if unknown.
    ///
    /// Compilers write unwind information function by function, so even a stripped file tells its functions apart.
    public func functionStart(around address: FileAddress) -> FileAddress? {
        functionStart(around: address.value).map { FileAddress($0) }
    }

    func functionStart(around address: UInt64) -> UInt64? { functionRange(around: address)?.lowerBound }

    /// The code of the function around `address`, from the same sources.
    public func functionRange(around address: FileAddress) -> Range<FileAddress>? {
        functionRange(around: address.value).map { FileAddress($0.lowerBound)..<FileAddress($0.upperBound) }
    }

    private func functionRange(around address: UInt64) -> Range<UInt64>? {
        let function = functions.function(at: address)
        if let function, function.hasSize { return function.range }
        load()
        if let described = describedRange(around: address) { return described }
        // One without a size ends where the unwind information ends it, not at the next one known.
        if let function, describedRange(around: function.range.lowerBound)?.contains(address) != false {
            return function.range
        }
        return goFunctions?.range(around: address)
    }

    /// The rule at `address` as the code before it in its function tells; nil when that cannot be followed.
    func analyzedRule(at address: UInt64) -> UnwindRule? {
        guard image.machine == .x86_64 else { return nil }
        if let known = analyzed[address] { return known == .none ? nil : known }
        let rule = functionStart(around: address &- 1).flatMap {
            FrameAnalysisX86.rule(address: address, function: $0, code: { self.code(around: $0) })
        }
        if analyzed.count >= Self.analyzedLimit { analyzed.removeAll() }
        analyzed[address] = rule ?? UnwindRule.none
        return rule
    }

    /// The rule at `address` of a function that begins at `function`.
    func analyzedRule(at address: UInt64, from function: UInt64) -> UnwindRule? {
        guard image.machine == .x86_64 else { return nil }
        return FrameAnalysisX86.rule(address: address, function: function, code: { self.code(around: $0) })
    }

    /// Whether the function that begins at `function` jumps to `target`, as one does that chooses among several for the
    /// machine's abilities.
    func jumps(from function: UInt64, to target: UInt64) -> Bool {
        guard image.machine == .x86_64 else { return false }
        var address = function
        while address &- function < 512, let next = InstructionX86(code(around: address)) {
            address &+= UInt64(next.length)
            switch next.effect {
            case .branch(let distance), .jump(let distance):
                if address &+ UInt64(bitPattern: Int64(distance)) == target { return true }
                if case .jump = next.effect, functionStart(around: address) != function { return false }
            default: break
            }
        }
        return false
    }

    /// Whether `address`, which has no unwind information, is in the few instructions between the system call that makes
    /// a thread and the thread's own first code: they run in both threads, in the new one on an empty stack.
    func isBeforeThreadStart(_ address: UInt64) -> Bool {
        load()
        guard image.machine == .x86_64, let next = ehFrame?.entryStart(after: address), next &- address <= 16,
            let rule = ehFrame?.rule(at: next)
        else { return false }
        return rule.kind == .root
    }

    /// Whether a linkage table's jump is at `address`.
    func isLinkageStub(at address: UInt64) -> Bool {
        image.machine == .x86_64 && CodePatterns.isX86_64LinkageStub(code(around: address))
    }

    /// Whether `address` is in the program's `main`.
    func isMain(at address: UInt64) -> Bool {
        functions.function(at: address)?.role == .main
    }

    /// Whether the function that starts at `address` begins by setting up the frame pointer.
    func buildsFrame(at address: UInt64) -> Bool {
        isGo || CodePatterns.buildsFrame(machine: image.machine, window: code(around: address))
    }

    /// What call, if any, returns to `address`.
    func callSite(returningTo address: UInt64) -> CallSite {
        CodePatterns.callSite(machine: image.machine, address: address, window: code(around: address))
    }

    /// The bytes around `address`.
    func code(around address: UInt64) -> CodePages.Window {
        pages.window(around: address, of: image)
    }

    private func role(at address: UInt64, isReturn: Bool) -> UnwindRule? {
        guard let role = functions.function(at: address)?.role ?? goFunctions?.role(at: address) else { return nil }
        switch role {
        case .ordinary, .main: return nil
        case .root: return UnwindRule(.root)
        case .threadStart: return isReturn ? UnwindRule(.root) : nil
        case .scheduler: return UnwindRule(.schedulerRoot)
        }
    }

    /// The code at the image's entry point, which nothing has called: of programs, and of the dynamic loader.
    private func findEntryRange() -> Range<UInt64> {
        let entry = image.entry.value
        guard entry != 0 else { return 0..<0 }
        // Older linkers give libraries an entry, too: the start of their code, which is just any function.
        let isProgram = image.type == 2 || image.segments.contains { $0.type == 3 }
        guard isProgram || CodePatterns.isStart(machine: image.machine, window: code(around: entry)) else {
            return 0..<0
        }
        load()
        if let description = ehFrame?.description(at: entry), description.range.lowerBound == entry {
            return description.range
        }
        let (limit, overflow) = entry.addingReportingOverflow(0x60)
        guard !overflow else { return 0..<0 }
        if let function = functions.function(at: entry), function.range.lowerBound == entry,
            function.range.upperBound <= limit
        {
            return function.range
        }
        if let range = goFunctions?.range(around: entry) { return range }
        // Without any of that, up to the instruction behind which nothing goes on: the start code never returns.
        var address = entry
        while image.machine == .x86_64, address < limit, let next = InstructionX86(code(around: address)) {
            address += UInt64(next.length)
            if next.effect == .end { return entry..<address }
        }
        return entry..<limit
    }

    private func load() {
        guard !isLoaded else { return }
        isLoaded = true
        guard let layout else { return }
        if let (section, header) = FrameSections.ehFrame(of: image, limit: Self.sectionLimit) {
            let index =
                header.flatMap { FdeIndex(header: $0, section: section, base: base) }
                ?? FdeIndex(scanning: section, base: base)
            ehFrame = CfiTable(section: section, index: index, layout: layout)
        }
        if let section = FrameSections.debugFrame(of: image, limit: Self.sectionLimit) {
            debugFrame = CfiTable(
                section: section, index: FdeIndex(scanning: section, base: base), layout: layout)
        }
    }
}
