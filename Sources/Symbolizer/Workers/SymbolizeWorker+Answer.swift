internal import Primitives

/// The names of a request's addresses, in the worker: all that the file and its debug files tell, or the symbol table alone.
///
/// Debug files come from `files`, or are opened here if that is nil.
func answerSymbolizeRequest(_ work: WorkerRequest, files: (any DebugFileSource)? = nil) -> WorkerAnswer {
    do throws(SymbolizerError) {
        var answer =
            work.symbolTableOnly ? try symbolTableAnswer(work.request) : try fullAnswer(work.request, files)
        addDisplayNames(&answer, usingSystemDemanglers: !work.symbolTableOnly)
        return .success(answer)
    } catch {
        return .failure(error.description)
    }
}

/// With debug information.
private func fullAnswer(
    _ request: SymbolizeRequest, _ files: (any DebugFileSource)?
) throws(SymbolizerError) -> SymbolizeAnswer {
    let options = SymbolizerOptions(searchRoot: request.searchRoot, debuginfod: request.debuginfod)
    let main: ElfFile
    if let image = request.image {
        main = try ElfFile(image, path: request.path)
    } else {
        main = try ElfFile(try openFile(request).descriptor, path: request.path)
    }
    var symbolizer = try FileSymbolizer(
        main, buildID: request.buildID, options: options, files: files ?? LocalFiles(options))
    let addresses = symbolizer.symbolize(request.addresses)
    let sources = symbolizer.sources
    return SymbolizeAnswer(addresses: addresses, warnings: sources.warnings, source: describe(sources, request.path))
}

/// With the file's own symbol tables and nothing else: what is left to try after a worker has failed over the file.
private func symbolTableAnswer(_ request: SymbolizeRequest) throws(SymbolizerError) -> SymbolizeAnswer {
    let file: ElfFile
    if let image = request.image {
        file = try ElfFile(image, path: request.path)
    } else {
        file = try ElfFile(try openFile(request).descriptor, path: request.path)
    }
    if let expected = request.buildID, let found = file.buildID, found != expected {
        throw .buildIDMismatch(path: request.path, expected: "\(expected)", found: "\(found)")
    }
    var symbols = SymbolTable()
    if !symbols.add(file, section: ".symtab") { _ = symbols.add(file, section: ".dynsym") }
    symbols.finish()
    let goSymbols = GoSymbols(file)
    let stubs = LinkageTable(file)
    let addresses = request.addresses.map { address in
        if let frames = goSymbols?.frames(at: address) { return SymbolizedAddress(frames: frames) }
        let frame =
            stubs.frame(at: address.value, symbols, usingSystemDemanglers: false)
            ?? symbols.name(at: address.value).map { SymbolizedFrame(linkageName: $0) }
        return SymbolizedAddress(frames: frame.map { [$0] } ?? [])
    }
    return SymbolizeAnswer(addresses: addresses, source: "symbol table of \(request.path)", isSymbolTableOnly: true)
}

/// The descriptor that came beside the request.
private func openFile(_ request: SymbolizeRequest) throws(SymbolizerError) -> OpenFile {
    guard let file = request.file else { throw .unreadable(path: request.path, reason: "it was not open") }
    return file
}

/// Fills in readable names where debug information gave none; each name is demangled once.
private func addDisplayNames(_ answer: inout SymbolizeAnswer, usingSystemDemanglers: Bool) {
    var known: [String: String?] = [:]
    for address in answer.addresses.indices {
        for frame in answer.addresses[address].frames.indices {
            let name = answer.addresses[address].frames[frame].linkageName
            if let given = answer.addresses[address].frames[frame].displayName {
                answer.addresses[address].frames[frame].displayName = StandardTypeNames.shorten(given)
                continue
            }
            let readable: String?
            if let old = known[name] {
                readable = old
            } else {
                readable = demangle(name, usingSystemDemanglers: usingSystemDemanglers)
                    .map(StandardTypeNames.shorten)
                known[name] = .some(readable)
            }
            answer.addresses[address].frames[frame].displayName = readable
        }
    }
}

/// Where names came from, for a reader.
private func describe(_ sources: SymbolSources, _ path: String) -> String {
    switch sources.debugInformation {
    case .own: "debug information of \(path)"
    case .debugLink(let file), .buildID(let file): "debug information in \(file)"
    case .debuginfod(let file): "debug information from debuginfod: \(file)"
    case nil where sources.goFunctionTable: "function table of the Go runtime in \(path)"
    case nil where sources.symbolTable: "symbol table of \(path)"
    case nil where sources.miniDebugInformation: "mini debug information of \(path)"
    case nil where sources.dynamicSymbols: "exported symbols of \(path)"
    case nil: ""
    }
}
