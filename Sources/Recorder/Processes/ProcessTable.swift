internal import Glibc
internal import Primitives
internal import StackUnwinder
internal import Symbolizer
internal import TargetFiles

/// A process of the recording: its memory as far as code goes.
struct TracedProcess {
    let process: ProcessID
    var space: AddressSpace
    /// Distinguishes address spaces: new with every process and every exec.
    var spaceID: UInt32
    /// Mapping records up to this time are already contained in `space`, which was read from /proc then.
    var snapshotNanoseconds: UInt64
    /// The module of the program that runs, which is the first file that an exec maps.
    var program: UInt32?
    /// The process is in execve(2), as far as is known: its registers may still be those of the program before.
    var isExecuting = false

    /// What the process's runtime tells of the code that it makes; nil for most.
    var jitDump: JitDump?
    /// The slice of time of that file in which the last sample was.
    var jitSlice: UInt32 = 0

    /// What caches key addresses by: equal as long as every address means the same. Both counts only grow.
    var spaceKey: UInt64 { UInt64(spaceID) << 32 | UInt64(space.generation &+ jitSlice) }
}

/// The processes of a recording and what is mapped where in them.
///
/// A process starts as a copy of its parent (fork), begins anew with exec, and else grows by mapping records. A process
/// that was there before the recording, or that is met unexpectedly, is read from /proc.
struct ProcessTable: ~Copyable {
    private(set) var processes: [TracedProcess] = []
    private var index = IDTable()
    private var nextSpaceID: UInt32 = 0
    /// Processes whose memory map could not be read: they had ended, or sprof may not look at them.
    private(set) var unreadableCount = 0
    /// How long their memory may take to answer.
    private let patience: Patience

    init(patience: Patience = Patience()) {
        self.patience = patience
    }

    /// The index of `process`, which is read from /proc if it is new. Allocates nothing for a known process.
    mutating func find(_ process: ProcessID, modules: inout ModuleStore) -> Int {
        if let known = index[process.value] { return known }
        return snapshot(process, modules: &modules)
    }

    /// Reads the memory map of `process` as it is now.
    @discardableResult
    mutating func snapshot(_ process: ProcessID, modules: inout ModuleStore) -> Int {
        let index = add(process, space: AddressSpace())
        processes[index].snapshotNanoseconds = Clock.monotonicNanoseconds
        // Kernel threads have an empty map; pid 0 is the idle task and has no files in /proc.
        guard process.value > 0 else { return index }
        guard let map = MemoryMap(of: process) else {
            unreadableCount += 1
            return index
        }
        for entry in map.entries where entry.isExecutable {
            self.map(MappedCode(entry), at: index, modules: &modules)
        }
        if let path = Self.programPath(of: process) {
            processes[index].program = modules.index(ofPath: path) ?? processes[index].program
        }
        return index
    }

    /// Takes note of a mapping that a record told of.
    mutating func map(_ code: MappedCode, in process: ProcessID, at time: UInt64, modules: inout ModuleStore) {
        let index = find(process, modules: &modules)
        guard time > processes[index].snapshotNanoseconds else { return }
        map(code, at: index, modules: &modules)
    }

    /// The module of the program that `process` ran last; with nil, that of the first process that has one.
    func program(of process: ProcessID?) -> UInt32? {
        if let process { return index[process.value].flatMap { processes[$0].program } }
        return processes.lazy.compactMap(\.program).first
    }

    /// Makes `child` a copy of `parent`.
    mutating func fork(_ child: ProcessID, from parent: ProcessID) {
        guard let parentIndex = index[parent.value] else { return }
        let index = add(child, space: processes[parentIndex].space)
        processes[index].program = processes[parentIndex].program
        processes[index].jitDump = processes[parentIndex].jitDump
    }

    /// Notes that a sample of the process at `index` was taken at `time`.
    mutating func advance(_ index: Int, to time: UInt64) {
        guard let dump = processes[index].jitDump else { return }
        processes[index].jitSlice = dump.slice(at: time)
    }

    /// Forgets what `process` had mapped: it runs another program now.
    mutating func exec(_ process: ProcessID, at time: UInt64) {
        if let known = index[process.value], processes[known].snapshotNanoseconds > time { return }
        let index = add(process, space: AddressSpace())
        processes[index].isExecuting = true
    }

    /// Whether the user registers of a sample that was taken in the kernel are left over from the program before exec,
    /// of which nothing is mapped any more: the kernel sets them only at the end of execve(2).
    ///
    /// - Parameter hasStack: Something could be copied from where the stack pointer leads. It cannot while that is the old
    ///   program's, even where `address`, by chance, is in the new one.
    mutating func isBeforeProgram(_ address: Address, inKernel: Bool, hasStack: Bool, at index: Int) -> Bool {
        guard processes[index].isExecuting else { return false }
        if inKernel, !hasStack || processes[index].space.lookup(address) == nil { return true }
        processes[index].isExecuting = false
        return false
    }

    private mutating func map(_ code: MappedCode, at index: Int, modules: inout ModuleStore) {
        // Mapped for profilers to see, never run.
        if JitDumpFile.isName(code.path) {
            if processes[index].jitDump?.path != code.path {
                processes[index].jitDump = modules.openJitDump(code.path, of: processes[index].process)
            }
            return
        }
        let module = modules.index(of: code, in: processes[index].process)
        let kind: CodeMapping.Kind
        switch modules.modules[Int(module)].kind {
        case .file:
            kind = modules.modules[Int(module)].isSilent ? .silentFile : .file
            if processes[index].program == nil { processes[index].program = module }
        case .anonymous: kind = .anonymous
        case .vdso: kind = .vdso
        }
        processes[index].space.map(
            range: code.range, fileOffset: code.fileOffset, module: modules.modules[Int(module)].unwindID, kind: kind,
            tag: module)
    }

    /// Where the link /proc/PID/exe points; nil for kernel threads and for processes closed to us.
    private static func programPath(of process: ProcessID) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe readlink("/proc/\(process)/exe", &buffer, buffer.count)
        guard count > 0 else { return nil }
        let path = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return path.hasSuffix(" (deleted)") ? String(path.dropLast(" (deleted)".count)) : path
    }

    @discardableResult
    private mutating func add(_ process: ProcessID, space: AddressSpace) -> Int {
        let index = processes.count
        var space = space
        let memory = ProcessMemory(of: process, patience: patience)
        space.runtimeCode = RuntimeCode { memory.bytes(at: $0, count: $1) }
        processes.append(
            TracedProcess(process: process, space: space, spaceID: nextSpaceID, snapshotNanoseconds: 0, program: nil))
        nextSpaceID &+= 1
        self.index.set(process.value, to: index)
        return index
    }
}
