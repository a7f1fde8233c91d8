internal import ELF
internal import Glibc
internal import Primitives
internal import StackUnwinder
internal import TargetFiles

/// Every module of a recording, opened once however many processes map it.
///
/// The index of a module here is its number in `CodeSource` and the tag of its mappings.
struct ModuleStore: ~Copyable {
    private(set) var modules: [Module] = []
    /// The same modules as the unwinder sees them.
    let unwindTable = ModuleTable()

    /// Mostly one each; files that were edited after linking can keep a build ID although their code is elsewhere in them.
    private var indexesByBuildID: [BuildID: [UInt32]] = [:]
    private var indexByNamedBuild: [NamedBuild: UInt32] = [:]
    private var indexByFile: [MappedCode.FileKey: UInt32] = [:]
    private var indexByPath: [String: UInt32] = [:]
    private var indexByProcess: [ProcessID: UInt32] = [:]
    /// Files in memory that are no ELF files.
    private var plainMemoryFiles: Set<MappedCode.FileKey> = []
    private var vdsoIndex: UInt32?
    /// How long file systems may take to answer.
    let patience: Patience

    init(patience: Patience = Patience()) {
        self.patience = patience
    }

    /// A build at a path, which is all that kernel records with build IDs tell of a file.
    private struct NamedBuild: Hashable {
        var buildID: BuildID
        var path: String
    }

    /// The module of `code`, mapped by `process`; opened now if it was not seen before, since a short-lived process or a
    /// deleted file can not be opened later.
    mutating func index(of code: MappedCode, in process: ProcessID) -> UInt32 {
        let index: UInt32
        switch code.kind {
        case .anonymous where code.isMemoryFile: index = memoryFileModule(code, process)
        case .anonymous, .vsyscall: index = anonymousModule(of: process)
        case .vdso: index = vdsoModule()
        case .file: index = fileModule(code, process)
        }
        modules[Int(index)].noteMapping(code.range, fileOffset: code.fileOffset)
        return index
    }

    /// The module of the file at `path`, if code of it is mapped.
    func index(ofPath path: String) -> UInt32? {
        modules.firstIndex { $0.kind == .file && $0.path == path }.map(UInt32.init)
    }

    /// The start of the function around a position of `module`, so that the addresses of a function without a name are
    /// shown as one; nil if unknown.
    func functionStart(around position: UInt64, in module: Module) -> UInt64? {
        guard let id = module.unwindID else { return nil }
        return unwindTable[id].functionStart(around: FileAddress(position))?.value
    }

    /// A file in memory is a module of its own when it is an ELF file, else memory like any other.
    private mutating func memoryFileModule(_ code: MappedCode, _ process: ProcessID) -> UInt32 {
        if let file = code.file, plainMemoryFiles.contains(file) { return anonymousModule(of: process) }
        let index = fileModule(code, process)
        guard modules[Int(index)].image == nil else { return index }
        if let file = code.file { plainMemoryFiles.insert(file) }
        return anonymousModule(of: process)
    }

    private mutating func fileModule(_ code: MappedCode, _ process: ProcessID) -> UInt32 {
        let named = code.buildID.map { NamedBuild(buildID: $0, path: code.path) }
        // A path alone identifies a file only while nothing better is known of it.
        let known =
            named.flatMap { indexByNamedBuild[$0] } ?? code.file.flatMap { indexByFile[$0] }
            ?? (named == nil && code.file == nil ? indexByPath[code.path] : nil)
        if let known, modules[Int(known)].holds(for: process) { return known }

        let opened = ModuleFile(of: code, in: process, patience: patience)
        if let known, opened.file == nil { return known }
        let buildID = opened.image?.buildID ?? code.buildID
        let file = SymbolFile(path: code.pathOnDisk, file: opened.file, image: opened.image, process: process)
        let index: UInt32
        if let buildID, let known = indexOfCopy(buildID, opened.image) {
            // The same file by another name or on another device.
            modules[Int(known)].offer(file)
            index = known
        } else {
            index = add(
                Module(
                    kind: .file, path: code.pathOnDisk, buildID: buildID, image: opened.image, symbolFile: file,
                    problem: opened.problem, isSilent: opened.isSilent))
            if let buildID { indexesByBuildID[buildID, default: []].append(index) }
        }
        if let named { indexByNamedBuild[named] = index }
        if let file = code.file { indexByFile[file] = index }
        if named == nil, code.file == nil { indexByPath[code.path] = index }
        return index
    }

    /// The module of another file of the build; nil if there is none whose addresses are those of `image`. A file that could not
    /// be opened is taken for the first one.
    private func indexOfCopy(_ buildID: BuildID, _ image: ElfImage?) -> UInt32? {
        guard let indexes = indexesByBuildID[buildID] else { return nil }
        guard let image else { return indexes.first }
        return indexes.first { modules[Int($0)].image?.hasCodePlaced(as: image) ?? false }
    }

    /// The module of memory without a file in `process`.
    mutating func anonymousModule(of process: ProcessID) -> UInt32 {
        if let known = indexByProcess[process] { return known }
        let index = add(
            Module(
                kind: .anonymous(process), path: "//anon", buildID: nil, image: nil,
                symbolFile: SymbolFile(path: "//anon", file: nil, image: nil, process: process), problem: nil))
        indexByProcess[process] = index
        return index
    }

    /// Opens the jitdump at `path` that `process` has mapped; nil if it is not to be used.
    mutating func openJitDump(_ path: String, of process: ProcessID) -> JitDump? {
        let module = modules[Int(anonymousModule(of: process))]
        module.openJitDump(path, patience: patience)
        return module.jitDump
    }

    private mutating func vdsoModule() -> UInt32 {
        if let vdsoIndex { return vdsoIndex }
        // The kernel maps the same image into every 64-bit process, so sprof's own copy serves for all.
        let image = VirtualDSO.bytes().flatMap { try? ElfImage(bytes: $0) }
        let index = add(
            Module(
                kind: .vdso, path: "[vdso]", buildID: image?.buildID, image: image,
                symbolFile: SymbolFile(path: "[vdso]", file: nil, image: image, process: nil),
                problem: image == nil ? "sprof has no vDSO of its own to read" : nil))
        vdsoIndex = index
        return index
    }

    private mutating func add(_ module: Module) -> UInt32 {
        let index = UInt32(modules.count)
        module.unwindID = module.image.map { unwindTable.register($0, displayName: module.path) }
        modules.append(module)
        return index
    }
}
