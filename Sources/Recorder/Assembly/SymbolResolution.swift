internal import ELF
internal import Glibc
internal import Primitives
internal import Symbolizer
internal import TargetFiles

/// Finds the names of all code positions of a recording: each distinct position once, files side by side in workers.
struct SymbolResolution: ~Copyable {
    private let usesDebuginfod: Bool
    private let limits: SymbolizerPoolLimits
    private let patience: Patience
    private var result: ResolvedSymbols
    /// The location numbers of each source, by ascending position.
    private var numbersBySource: [CodeSource: [Int]] = [:]

    init(of positions: [CodePosition], options: RecordingOptions, patience: Patience) {
        self.patience = patience
        usesDebuginfod = options.usesDebuginfod
        limits = SymbolizerPoolLimits(secondsPerFile: options.symbolizingSecondsPerFile)
        result = ResolvedSymbols(locationCount: positions.count)
        for (number, position) in positions.enumerated() where position.source != .marker {
            numbersBySource[position.source, default: []].append(number)
        }
        for source in numbersBySource.keys {
            numbersBySource[source]?.sort { positions[$0].position < positions[$1].position }
        }
    }

    /// The names. `progress` is told how far it is after each file.
    consuming func resolve(
        _ processor: borrowing SampleProcessor, progress: (RecordingProgress) -> Void
    ) -> ResolvedSymbols {
        let positions = processor.locations.positions
        resolveKernel(positions)
        var files: [(module: UInt32, numbers: [Int])] = []
        for (source, numbers) in numbersBySource where source.isModule {
            let module = processor.modules.modules[Int(source.rawValue)]
            switch module.kind {
            case .anonymous(let process): resolveJIT(process, module, numbers, positions)
            case .file, .vdso:
                if module.image == nil {
                    note(module, module.problem ?? "it could not be read")
                } else if module.image?.isGivenUp == true {
                    note(
                        module,
                        "its file system stopped answering, so that stacks end in it where its unwind information had not"
                            + " been read, and it has no names")
                } else if module.buildID == nil, module.symbolFile.file?.hasChanged == true {
                    note(
                        module, "it was written to after it had been mapped: its names are no longer those of what ran")
                } else {
                    files.append((source.rawValue, numbers))
                }
            }
        }
        files.sort { $0.module < $1.module }
        resolveFiles(files, processor, progress: progress)
        return result
    }

    private mutating func note(_ module: Module, _ problem: String) {
        result.problems.append(QualityAccount.ModuleProblem(path: module.path, problem: problem))
    }

    // MARK: Files

    private mutating func resolveFiles(
        _ files: [(module: UInt32, numbers: [Int])], _ processor: borrowing SampleProcessor,
        progress: (RecordingProgress) -> Void
    ) {
        guard !files.isEmpty else { return }
        let positions = processor.locations.positions
        var requests: [SymbolizeRequest] = []
        var distinct: [[UInt64]] = []
        for (module, numbers) in files {
            let module = processor.modules.modules[Int(module)]
            // A guessed and a certain frame can share an address.
            var addresses: [UInt64] = []
            for number in numbers where addresses.last != positions[number].position {
                addresses.append(positions[number].position)
            }
            distinct.append(addresses)
            requests.append(
                SymbolizeRequest(
                    path: module.symbolFile.path, buildID: module.buildID, target: module.symbolFile.file,
                    image: module.kind == .vdso ? VirtualDSO.bytes() : nil, searchRoot: module.symbolFile.searchRoot,
                    debuginfod: usesDebuginfod, addresses: addresses.map { FileAddress($0) }))
        }
        var pool = SymbolizerPool(limits: limits)
        let addressCount = requests.reduce(0) { $0 + $1.addresses.count }
        func report(_ filesDone: Int, _ addressesDone: Int) {
            progress(
                .symbolizing(
                    filesDone: filesDone, files: requests.count, addressesDone: addressesDone, addresses: addressCount,
                    isFetching: usesDebuginfod))
        }
        report(0, 0)
        let answers = pool.symbolize(requests, progress: report)
        var gaps: Set<String> = []
        for (index, (module, numbers)) in files.enumerated() {
            let module = processor.modules.modules[Int(module)]
            if module.image?.hasDamagedSections == true {
                note(
                    module, "its section table is damaged, so that symbols and debug information in it cannot be found")
            }
            switch answers[index] {
            case .success(let answer):
                gaps.formUnion(answer.sandboxGaps)
                for warning in answer.warnings { note(module, warning) }
                take(answer, distinct[index], numbers, positions)
            case .failure(let failure):
                note(module, failure.description)
            }
        }
        if !gaps.isEmpty {
            result.notes.append(
                "files were read in a weaker sandbox: the kernel, or a container's rules, gave no "
                    + gaps.sorted().joined(separator: " and no "))
        }
    }

    private mutating func take(
        _ answer: SymbolizeAnswer, _ addresses: [UInt64], _ numbers: [Int], _ positions: [CodePosition]
    ) {
        var index = 0
        for number in numbers {
            while index < addresses.count, addresses[index] < positions[number].position { index += 1 }
            guard index < answer.addresses.count else { return }
            result.addresses[number] = answer.addresses[index]
        }
    }

    // MARK: Memory without files, and the kernel

    private mutating func resolveJIT(
        _ process: ProcessID, _ module: Module, _ numbers: [Int], _ positions: [CodePosition]
    ) {
        resolveByDump(module, numbers, positions)
        let numbers = numbers.filter { result.addresses[$0].innermost == nil }
        guard !numbers.isEmpty else { return }
        do throws(PerfMapFailure) {
            if let failure = module.perfMapFailure { throw failure }
            if module.perfMap == nil { module.perfMap = try PerfMapFile(of: process, patience: patience) }
            guard let symbols = try module.perfMap?.symbols(for: numbers.map { Address(positions[$0].position) })
            else { return }
            for (number, symbol) in zip(numbers, symbols) {
                guard let symbol else { continue }
                result.addresses[number] = SymbolizedAddress(SymbolizedFrame(linkageName: symbol.name))
            }
            if let map = module.perfMap?.path, let count = module.perfMap?.badLineCount, count > 0 {
                result.problems.append(.init(path: map, problem: "\(count) lines that are no symbols were skipped"))
            }
        } catch {
            // Without a mapping the addresses are no code, but what a broken chain of frame pointers led to.
            guard numbers.contains(where: { module.covers(positions[$0].position) }) else { return }
            result.problems.append(
                .init(path: "code made at run time by process \(process)", problem: error.description))
        }
    }

    private mutating func resolveByDump(_ module: Module, _ numbers: [Int], _ positions: [CodePosition]) {
        if let failure = module.jitDumpFailure { note(module, failure.description) }
        guard let dump = module.jitDump else { return }
        let (symbols, problem) = dump.symbols(
            for: numbers.map { (Address(positions[$0].position), positions[$0].jitSlice) })
        for (number, symbol) in zip(numbers, symbols) {
            guard let symbol, !symbol.name.isEmpty else { continue }
            result.addresses[number] = SymbolizedAddress(
                SymbolizedFrame(linkageName: symbol.name, file: symbol.file, line: symbol.line))
        }
        if let problem { result.problems.append(.init(path: dump.path, problem: problem)) }
    }

    private mutating func resolveKernel(_ positions: [CodePosition]) {
        guard let numbers = numbersBySource[.kernel] else { return }
        var text: Range<Address>?
        defer { result.kernel = KernelLayout(text: text) }
        do throws(KernelSymbolsFailure) {
            let kernel = try KernelSymbols(resolving: numbers.map { Address(positions[$0].position) })
            text = kernel.text
            for (number, symbol) in zip(numbers, kernel.symbols) {
                guard let symbol else { continue }
                result.addresses[number] = SymbolizedAddress(
                    SymbolizedFrame(linkageName: symbol.linkageName, displayName: symbol.displayName))
            }
        } catch {
            result.notes.append("kernel functions have no names: \(error)")
        }
    }
}
