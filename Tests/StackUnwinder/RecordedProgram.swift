import ELF
import Glibc
import PerfSampler
import Primitives

@testable import StackUnwinder

/// The raw samples of a program, as the kernel delivered them: registers, stack copy, and what was mapped at the time.
struct RecordedProgram: RecordSink {
    struct Sample {
        var registers: RegisterSet
        var stack: [UInt8]
        var isWholeStack: Bool
        var space: AddressSpace
        /// Distinguishes processes and programs.
        var spaceID: UInt32
        /// The number of mappings known then: with `spaceID`, names a state of the memory.
        var mappingCount: Int
    }

    /// One mapping of a process.
    struct Mapping {
        var spaceID: UInt32
        var range: Range<Address>
        var fileOffset: FileOffset
        var path: String
    }

    let modules = ModuleTable()
    private(set) var samples: [Sample] = []
    /// In the order in which they came.
    private(set) var mappings: [Mapping] = []
    private var spaces: [ProcessID: (space: AddressSpace, id: UInt32)] = [:]
    private var moduleIDs: [String: ModuleID] = [:]
    private var spaceCount: UInt32 = 0
    private let limit: Int

    /// Records `command`, a shell command, at `hertz` until it ends or there are `limit` samples.
    init(_ command: String, hertz: Int = 999, limit: Int = 1_000) throws {
        self.limit = limit
        var child = try CommandLauncher.launch(["/bin/sh", "-c", "exec " + command + " >/dev/null 2>&1"])
        let event = try SamplingEvent.resolve("cpu-clock", rate: .frequency(hertz))
        var sampler = try Sampler(SamplerConfiguration(target: .command(child.processID), events: [event]))
        sampler.start()
        try child.go()
        let end = Sampler.now() + 60_000_000_000
        while Sampler.now() < end, samples.count < limit {
            let outcome = sampler.poll(timeoutMilliseconds: 40)
            sampler.drain(into: &self)
            if outcome == .ended { break }
        }
        sampler.stop()
        kill(child.processID.value, SIGKILL)
        _ = child.wait()
    }

    mutating func sample(_ record: borrowing SampleRecord) {
        guard samples.count < limit, record.registerABI == .bits64, !record.stack.isEmpty,
            let (space, id) = spaces[record.processID]
        else { return }
        let registers = RegisterSet(
            machine: .x86_64, perfMask: RegisterSet.perfMask(machine: .x86_64), words: record.registers.bytes)
        // In execve the registers are still the old program's.
        guard let registers, let counter = registers.programCounter, space.lookup(counter) != nil else { return }
        samples.append(
            Sample(
                registers: registers, stack: record.stack.withUnsafeBytes { unsafe Array($0) },
                isWholeStack: record.hasWholeStack, space: space, spaceID: id, mappingCount: mappings.count))
    }

    mutating func mapping(_ record: MappingRecord) {
        guard !record.isKernel, record.byteCount > 0 else { return }
        let path = record.path
        if moduleIDs[path] == nil {
            if let image = path == "[vdso]" ? MapsText.vdso() : Self.image(at: path) {
                moduleIDs[path] = modules.register(image, displayName: path)
            }
        }
        let id = enter(record.processID)
        let range = record.start..<Address(record.start.value + record.byteCount)
        spaces[record.processID]?.space.map(
            range: range, fileOffset: record.fileOffset, module: moduleIDs[path],
            kind: path == "[vdso]" ? .vdso : moduleIDs[path] == nil ? .anonymous : .file)
        mappings.append(Mapping(spaceID: id, range: range, fileOffset: record.fileOffset, path: path))
    }

    mutating func command(_ record: CommandRecord) {
        if record.isExec { spaces[record.processID] = nil }
    }

    mutating func fork(_ record: TaskRecord) {
        guard record.processID != record.parentProcessID, let parent = spaces[record.parentProcessID] else { return }
        let id = enter(record.processID)
        spaces[record.processID]?.space = parent.space
        for mapping in mappings where mapping.spaceID == parent.id {
            mappings.append(
                Mapping(spaceID: id, range: mapping.range, fileOffset: mapping.fileOffset, path: mapping.path))
        }
    }

    mutating func exit(_ record: TaskRecord) {}

    mutating func deferredCallChain(_ record: borrowing DeferredCallChain) {}

    private static func image(at path: String) -> ElfImage? {
        guard path.hasPrefix("/"), let file = try? FileDescriptor(opening: path) else { return nil }
        return try? ElfImage(reading: file)
    }

    private mutating func enter(_ process: ProcessID) -> UInt32 {
        if let known = spaces[process] { return known.id }
        spaceCount += 1
        spaces[process] = (AddressSpace(), spaceCount)
        return spaceCount
    }
}
