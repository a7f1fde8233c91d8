internal import Primitives

/// The names of a request's addresses, in the worker: all that the file and its debug files tell, or the symbol table alone.
///
/// Debug files come from `files`, or are opened here if that is nil.
func answerSymbolizeRequest(_ work: WorkerRequest, files: (any DebugFileSource)? = nil) -> WorkerAnswer {
    do throws(SymbolizerError) {
        switch work.effort {
        case .full: return .success(try fullAnswer(work.request, files, .all))
        case .ownDemanglers: return .success(try fullAnswer(work.request, files, .own))
        case .symbolTable: return .success(try symbolTableAnswer(work.request))
        }
    } catch {
        return .failure(error.description)
    }
}

/// With debug information.
private func fullAnswer(
    _ request: SymbolizeRequest, _ files: (any DebugFileSource)?, _ demanglers: Demanglers
) throws(SymbolizerError) -> SymbolizeAnswer {
    let options = SymbolizerOptions(
        searchRoot: request.searchRoot, debuginfod: request.debuginfod, demanglers: demanglers)
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
    var functions = FunctionStore(symbols, .own)
    let addresses = request.addresses.map { address in
        if let found = goSymbols?.symbolized(address) { return found }
        return SymbolizedAddress(
            stubs.frame(at: address.value, symbols, usingSystemDemanglers: false)
                ?? functions.function(at: address.value).map { SymbolizedFrame($0) })
    }
    return SymbolizeAnswer(addresses: addresses, source: "symbol table of \(request.path)", effort: .symbolTable)
}

/// The descriptor that came beside the request.
private func openFile(_ request: SymbolizeRequest) throws(SymbolizerError) -> OpenFile {
    guard let file = request.file else { throw .unreadable(path: request.path, reason: "it was not open") }
    return file
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
