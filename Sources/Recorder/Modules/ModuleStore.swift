internal import ELF
internal import Glibc
internal import Primitives
internal import StackUnwinder

/// Every module of a recording, opened once however many processes map it.
///
/// The index of a module here is its number in `CodeSource` and the tag of its mappings.
struct ModuleStore: ~Copyable {
    private(set) var modules: [Module] = []
    /// The same modules as the unwinder sees them.
    let unwindTable = ModuleTable()

    private var indexByBuildID: [BuildID: UInt32] = [:]
    private var indexByFile: [MappedCode.FileKey: UInt32] = [:]
    private var indexByPath: [String: UInt32] = [:]
    private var indexByProcess: [ProcessID: UInt32] = [:]
    /// Files in memory that are no ELF files.
    private var plainMemoryFiles: Set<MappedCode.FileKey> = []
    private var vdsoIndex: UInt32?

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
        if let buildID = code.buildID, let known = indexByBuildID[buildID] { return known }
        if let file = code.file, let known = indexByFile[file] { return known }
        // A path alone identifies a file only while nothing better is known of it.
        if code.buildID == nil, code.file == nil, let known = indexByPath[code.path] { return known }

        let opened = ModuleFile.open(code, in: process)
        let buildID = opened.image?.buildID ?? code.buildID
        if let buildID, let known = indexByBuildID[buildID] {
            // The same file by another name or on another device.
            if let file = code.file { indexByFile[file] = known }
            return known
        }
        let index = add(
            Module(
                kind: .file, path: code.pathOnDisk, buildID: buildID, image: opened.image,
                file: opened.file, searchRoot: "/proc/\(process)/root", problem: opened.problem))
        if let buildID { indexByBuildID[buildID] = index }
        if let file = code.file { indexByFile[file] = index }
        if code.buildID == nil, code.file == nil { indexByPath[code.path] = index }
        return index
    }

    /// The module of memory without a file in `process`.
    mutating func anonymousModule(of process: ProcessID) -> UInt32 {
        if let known = indexByProcess[process] { return known }
        let index = add(
            Module(
                kind: .anonymous(process), path: "//anon", buildID: nil, image: nil, file: nil,
                searchRoot: "/proc/\(process)/root", problem: nil))
        indexByProcess[process] = index
        return index
    }

    /// Opens the jitdump at `path` that `process` has mapped; nil if it is not to be used.
    mutating func openJitDump(_ path: String, of process: ProcessID) -> JitDump? {
        let module = modules[Int(anonymousModule(of: process))]
        module.openJitDump(path)
        return module.jitDump
    }

    private mutating func vdsoModule() -> UInt32 {
        if let vdsoIndex { return vdsoIndex }
        // The kernel maps the same image into every 64-bit process, so sprof's own copy serves for all.
        let image = VirtualDSO.bytes().flatMap { try? ElfImage(bytes: $0) }
        let index = add(
            Module(
                kind: .vdso, path: "[vdso]", buildID: image?.buildID, image: image, file: nil, searchRoot: "",
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
