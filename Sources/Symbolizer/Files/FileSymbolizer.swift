public import Primitives

/// Names and source lines for the addresses of one ELF file, from whatever that file or its debug files hold.
///
/// Meant for one thread of a worker process: files are mapped, so a file that shrinks meanwhile ends the process.
/// Addresses should come in few large batches, since a batch decodes each unit that it touches once.
public struct FileSymbolizer: ~Copyable {
    /// Where names came from so far, and what was wrong.
    public private(set) var sources = SymbolSources()

    private let main: ElfFile
    private var functions: FunctionStore
    private let demanglers: Demanglers
    /// Read when the first address lies in a stub.
    private var linkageTable: LinkageTable?
    private var debug: DebugSymbolizer?
    /// Opened when an address is met that nothing better has a line for.
    private lazy var goSymbols = GoSymbols(main)
    private let split: SplitUnitFinder?

    /// Opens the binary that ran.
    ///
    /// `path` is where `file` was opened, for messages and for finding files beside it. `buildID` is what the running
    /// process said; a file with another one is refused.
    public init(
        file: borrowing FileDescriptor, path: String, buildID: BuildID?, options: SymbolizerOptions
    ) throws(SymbolizerError) {
        try self.init(ElfFile(file, path: path), buildID: buildID, options: options, files: LocalFiles(options))
    }

    /// Opens a file that exists in memory only, such as the vDSO.
    public init(
        image: [UInt8], path: String, buildID: BuildID? = nil, options: SymbolizerOptions = SymbolizerOptions()
    ) throws(SymbolizerError) {
        try self.init(ElfFile(image, path: path), buildID: buildID, options: options, files: LocalFiles(options))
    }

    /// The same over an open file, with debug files from `files`.
    init(
        _ main: ElfFile, buildID: BuildID?, options: SymbolizerOptions, files: any DebugFileSource
    ) throws(SymbolizerError) {
        if let buildID, let found = main.buildID, found != buildID {
            throw .buildIDMismatch(path: main.path, expected: "\(buildID)", found: "\(found)")
        }
        self.main = main
        let finder = DebugFileFinder(options: options, files: files)
        var sources = SymbolSources()
        var debugFile: ElfFile?
        if !main.debugContents("info").isEmpty {
            debugFile = main
            sources.debugInformation = .own
        } else if let found = finder.debugFile(
            of: main, buildID: main.buildID ?? buildID, warnings: &sources.warnings)
        {
            debugFile = found.file
            if !found.file.debugContents("info").isEmpty { sources.debugInformation = found.source }
        }
        var symbols = SymbolTable()
        sources.symbolTable = symbols.add(main, section: ".symtab")
        if !sources.symbolTable, let debugFile, debugFile !== main {
            sources.symbolTable = symbols.add(debugFile, section: ".symtab")
        }
        if !sources.symbolTable {
            sources.dynamicSymbols = symbols.add(main, section: ".dynsym")
            let packed = main.contents(".gnu_debugdata")
            if !packed.isEmpty {
                if let image = MiniDebugInformation.unpack(packed),
                    let file = try? ElfFile(image, path: main.path + " (.gnu_debugdata)")
                {
                    sources.miniDebugInformation = symbols.add(file, section: ".symtab")
                } else {
                    sources.warnings.append(".gnu_debugdata of \(main.path) is damaged")
                }
            }
        }
        symbols.finish()
        functions = FunctionStore(symbols, options.demanglers)
        demanglers = options.demanglers
        if sources.debugInformation != nil, let debugFile {
            let file = DebugFile(DebugSections(debugFile))
            if let alternate = finder.alternateFile(of: debugFile, warnings: &sources.warnings) {
                file.alternate = DebugFile(DebugSections(alternate))
                sources.alternateFile = alternate.path
            }
            let split = SplitUnitFinder(finder, main: file, path: main.path, debugPath: debugFile.path)
            self.split = split
            debug = DebugSymbolizer(file, code: main.code) { split.find($0) }
        } else {
            split = nil
            debug = nil
        }
        for file in [main, debugFile].compactMap({ $0 }) where !file.damagedSections.isEmpty {
            let warning = Self.damage(file)
            if !sources.warnings.contains(warning) { sources.warnings.append(warning) }
        }
        self.sources = sources
    }

    /// What lies at each of the `addresses`, which must be distinct and sorted; the same number in the same order.
    ///
    /// An address is an ELF virtual address inside of the instruction that ran: of a return address, the byte before.
    public mutating func symbolize(_ addresses: [FileAddress]) -> [SymbolizedAddress] {
        let values = addresses.map(\.value)
        let isSorted = zip(values, values.dropFirst()).allSatisfy { $0 <= $1 }
        guard isSorted else { return symbolizeUnsorted(addresses) }
        var results = [SymbolizedAddress](repeating: SymbolizedAddress(), count: values.count)
        var positions: [Int: SourcePosition] = [:]
        if let debug {
            positions = debug.symbolize(values, &functions, into: &results)
            for warning in debug.warnings where !sources.warnings.contains(warning) {
                sources.warnings.append(warning)
            }
            if let split {
                sources.splitFileCount = split.openedCount
                sources.usesPackage = split.usesPackage
            }
        }
        for index in values.indices {
            if results[index].innermost == nil {
                if let stub = stub(at: values[index]) {
                    results[index] = SymbolizedAddress(stub)
                    continue
                }
                if let function = functions.function(at: values[index]) {
                    let position = positions[index]
                    results[index] = SymbolizedAddress(
                        SymbolizedFrame(function, file: position?.file ?? "", line: position?.line ?? 0))
                }
            }
            if results[index].innermost?.file.isEmpty ?? true, let goSymbols,
                let found = goSymbols.symbolized(addresses[index])
            {
                results[index] = found
                sources.goFunctionTable = true
            }
        }
        return results
    }

    private static func damage(_ file: ElfFile) -> String {
        "\(file.path): \(file.damagedSections.joined(separator: ", ")) cannot be decompressed: damaged, or larger than a"
            + " worker's memory"
    }

    /// The stub of another file's function around `address`, if there is one.
    private mutating func stub(at address: UInt64) -> SymbolizedFrame? {
        guard LinkageTable.isStub(address, in: main) else { return nil }
        let table = linkageTable ?? LinkageTable(main)
        linkageTable = table
        return table.frame(at: address, functions.symbols, usingSystemDemanglers: demanglers != .own)
    }

    private mutating func symbolizeUnsorted(_ addresses: [FileAddress]) -> [SymbolizedAddress] {
        let order = addresses.indices.sorted { addresses[$0] < addresses[$1] }
        let sorted = symbolize(order.map { addresses[$0] })
        var results = [SymbolizedAddress](repeating: SymbolizedAddress(), count: addresses.count)
        for (position, index) in order.enumerated() { results[index] = sorted[position] }
        return results
    }
}

extension DebugSections {
    /// The debug sections of an ordinary file, or of a .dwo or .dwp.
    init(_ file: ElfFile, isSplit: Bool = false) {
        self.init()
        info = file.debugContents("info", isSplit: isSplit)
        abbreviations = file.debugContents("abbrev", isSplit: isSplit)
        strings = file.debugContents("str", isSplit: isSplit)
        stringOffsets = file.debugContents("str_offsets", isSplit: isSplit)
        rangeLists = file.debugContents("rnglists", isSplit: isSplit)
        lines = file.debugContents("line", isSplit: isSplit)
        lineStrings = file.debugContents("line_str")
        ranges = file.debugContents("ranges")
        addresses = file.debugContents("addr")
        addressRanges = file.debugContents("aranges")
        if isSplit { unitIndex = file.contents(".debug_cu_index") }
    }
}
