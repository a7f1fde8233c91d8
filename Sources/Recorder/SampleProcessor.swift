internal import ELF
internal import PerfSampler
internal import Primitives
internal import StackUnwinder
internal import TargetFiles

/// Takes the records of a recording in time order: keeps track of processes, unwinds each sample and counts its stack.
///
/// A known stack costs lookups in flat tables only; nothing is allocated and no string is touched per sample.
struct SampleProcessor: ~Copyable, RecordSink {
    /// How the user part of a stack is found.
    let stackMethod: StackMethod
    /// Whether CPUs are told apart.
    let keepsCPU: Bool

    var modules: ModuleStore
    var processes: ProcessTable
    var threads = ThreadTable()
    private(set) var locations = LocationTable()
    private(set) var stacks: StackTable
    private var deferred = DeferredSamples()
    private(set) var statistics = SampleStatistics()

    private var cache = LocationCache()
    private var unwinder = Unwinder()
    private var frames = FrameBuffer()
    private var current = LocationList()
    /// Per event: samples and the sum of their periods.
    private(set) var sampleCounts: [UInt64]
    private(set) var weights: [UInt64]

    /// How many processes have been started.
    private(set) var forkedProcessCount = 0

    private let machine: ElfMachine
    private let registerMask: UInt64

    init(eventCount: Int, stackMethod: StackMethod, keepsCPU: Bool) {
        self.stackMethod = stackMethod
        self.keepsCPU = keepsCPU
        let patience = Patience()
        modules = ModuleStore(patience: patience)
        processes = ProcessTable(patience: patience)
        stacks = StackTable(valueCount: eventCount * 2)
        sampleCounts = [UInt64](repeating: 0, count: eventCount)
        weights = [UInt64](repeating: 0, count: eventCount)
        #if arch(arm64)
            machine = .arm64
        #else
            machine = .x86_64
        #endif
        registerMask = RegisterSet.perfMask(machine: machine)
    }

    /// How many processes and threads have samples.
    var sampledTaskCounts: (processes: Int, threads: Int) {
        var processes = Set<ProcessID>()
        var threads = Set<ThreadID>()
        for entry in stacks.entries {
            let labels = self.threads.labels[Int(entry.labels)]
            processes.insert(labels.process)
            threads.insert(labels.thread)
        }
        return (processes.count, threads.count)
    }

    // MARK: Records

    mutating func sample(_ record: borrowing SampleRecord) {
        let processIndex = processes.find(record.processID, modules: &modules)
        processes.advance(processIndex, to: record.timeNanoseconds)
        let labels =
            threads.labels(of: record.threadID, in: record.processID)
            ?? threads.adopt(record.threadID, in: record.processID)
        current.removeAll()
        appendKernelPart(record)
        let event = record.eventIndex
        let weight = Int64(truncatingIfNeeded: record.period)
        let cpu = keepsCPU ? Int32(truncatingIfNeeded: record.cpu) : -1
        sampleCounts[event] &+= 1
        weights[event] &+= record.period
        if stackMethod == .framePointers, let cookie = record.deferredCookie {
            let tooMany = deferred.add(
                DeferredSamples.Sample(
                    thread: record.threadID, cookie: cookie, process: processIndex,
                    kernelPart: current.span.indices.map { current.span[$0] }, isKernel: record.isKernel,
                    instructionPointer: record.instructionPointer, labels: labels, cpu: cpu, event: event,
                    weight: weight))
            for sample in tooMany { finish(sample) }
            return
        }
        appendUserPart(record, processIndex)
        stacks.add(current, labels: labels, cpu: cpu, firstValue: event * 2, count: 1, weight: weight)
    }

    mutating func deferredCallChain(_ record: borrowing DeferredCallChain) {
        for sample in deferred.take(of: record.threadID) {
            // Another cookie: the record that was promised to this sample was lost.
            guard sample.cookie == record.cookie else {
                finish(sample)
                continue
            }
            begin(sample)
            appendCallChain(record.addresses, startsInUser: true, inKernel: sample.isKernel, sample.process)
            add(sample)
        }
    }

    /// Counts the samples whose user stack has not come until now.
    mutating func finishDeferred() {
        for sample in deferred.takeAll() { finish(sample) }
    }

    /// Counts a sample whose user stack will not come.
    private mutating func finish(_ sample: DeferredSamples.Sample) {
        begin(sample)
        statistics.userStackCount &+= 1
        if !sample.isKernel { appendUser(sample.instructionPointer.value, isGuessed: false, sample.process) }
        append(statistics.countMissingCallChain())
        add(sample)
    }

    private mutating func begin(_ sample: DeferredSamples.Sample) {
        current.removeAll()
        for location in sample.kernelPart { current.append(location) }
    }

    private mutating func add(_ sample: DeferredSamples.Sample) {
        stacks.add(
            current, labels: sample.labels, cpu: sample.cpu, firstValue: sample.event * 2, count: 1,
            weight: sample.weight)
    }

    mutating func mapping(_ record: MappingRecord) {
        guard !record.isKernel, record.processID.value >= 0 else { return }
        let (end, overflowed) = record.start.value.addingReportingOverflow(record.byteCount)
        guard !overflowed, end > record.start.value else {
            statistics.malformedMappingCount += 1
            return
        }
        let hasFile = record.inode != 0
        processes.map(
            MappedCode(
                range: record.start..<Address(end), fileOffset: record.fileOffset, path: record.path,
                buildID: record.buildID,
                file: hasFile
                    ? MappedCode.FileKey(
                        device: FileDevice(major: record.deviceMajor, minor: record.deviceMinor), inode: record.inode)
                    : nil),
            in: record.processID, at: record.timeNanoseconds, modules: &modules)
    }

    mutating func command(_ record: CommandRecord) {
        if record.isExec { processes.exec(record.processID, at: record.timeNanoseconds) }
        threads.rename(record.threadID, in: record.processID, record.name)
    }

    mutating func fork(_ record: TaskRecord) {
        if record.processID != record.parentProcessID {
            forkedProcessCount += 1
            processes.fork(record.processID, from: record.parentProcessID)
        }
        threads.inherit(
            record.threadID, in: record.processID, from: record.parentThreadID, in: record.parentProcessID)
    }

    mutating func exit(_ record: TaskRecord) {
        // A thread's samples may still be on their way from another CPU's ring; its labels stay.
        for sample in deferred.take(of: record.threadID) { finish(sample) }
    }

    // MARK: Stacks

    private mutating func appendKernelPart(_ record: borrowing SampleRecord) {
        let chain = record.callChain
        var isKernelPart = false
        var isLeaf = true
        var foundKernel = false
        for index in 0..<chain.count {
            let word = chain[index]
            if word >= CallChainContext.lowest {
                isKernelPart = word == CallChainContext.kernel
                continue
            }
            guard isKernelPart else { continue }
            appendKernel(isLeaf ? word : word &- 1)
            isLeaf = false
            foundKernel = true
        }
        if record.isKernel, !foundKernel { appendKernel(record.instructionPointer.value) }
    }

    private mutating func appendKernel(_ address: UInt64) {
        if let known = cache.location(of: address, in: .max - 1) {
            current.append(known)
            return
        }
        let number = locations.number(of: CodePosition(source: .kernel, position: address, isGuessed: false))
        cache.remember(number, of: address, in: .max - 1)
        current.append(number)
    }

    private mutating func appendUserPart(_ record: borrowing SampleRecord, _ processIndex: Int) {
        switch stackMethod {
        case .none:
            if !record.isKernel { appendUser(record.instructionPointer.value, isGuessed: false, processIndex) }
        case .framePointers:
            appendCallChain(record.callChain, startsInUser: false, inKernel: record.isKernel, processIndex)
        case .unwindTables:
            unwind(record, processIndex)
        }
    }

    /// Adds the user part of a chain; one that `startsInUser` is nothing else.
    private mutating func appendCallChain(
        _ chain: WordSpan, startsInUser: Bool, inKernel: Bool, _ processIndex: Int
    ) {
        var isUserPart = startsInUser
        var last: UInt64?
        var previous: UInt64?
        var userCount = 0
        for index in 0..<chain.count {
            let word = chain[index]
            if word >= CallChainContext.lowest {
                isUserPart = word == CallChainContext.user
                continue
            }
            guard isUserPart else { continue }
            if last == nil,
                processes.isBeforeProgram(
                    Address(word), inKernel: inKernel, hasStack: true, at: processIndex)
            {
                return
            }
            appendUser(last == nil ? word : word &- 1, isGuessed: false, processIndex)
            previous = last
            last = word
            userCount += 1
        }
        guard let last else { return }
        statistics.userStackCount &+= 1
        // The kernel does not tell whether a chain reached the outermost frame or broke off; its last function does.
        let end = Unwinder.callChainEnd(
            last: Address(last), previous: previous.map { Address($0) }, isOnlyAddress: userCount == 1,
            in: processes.processes[processIndex].space,
            modules: modules.unwindTable)
        if let marker = statistics.countCallChain(end) { append(marker) }
    }

    private mutating func unwind(_ record: borrowing SampleRecord, _ processIndex: Int) {
        // Kernel threads, and samples in the kernel's own start-up code of a process, have no user registers.
        guard record.registerABI != .none else { return }
        let registers =
            record.registerABI == .bits64
            ? RegisterSet(machine: machine, perfMask: registerMask, words: record.registers.bytes) : nil
        if let counter = registers?.programCounter,
            processes.isBeforeProgram(
                counter, inKernel: record.isKernel, hasStack: !record.stack.isEmpty, at: processIndex)
        {
            return
        }
        statistics.userStackCount &+= 1
        guard let registers else {
            statistics.failures.noRegisters &+= 1
            if !record.isKernel { appendUser(record.instructionPointer.value, isGuessed: false, processIndex) }
            append(StackMarker.noRegisters)
            return
        }
        frames.removeAll()
        let end = unwinder.unwind(
            registers: registers, stack: record.stack, isWholeStack: record.hasWholeStack,
            in: processes.processes[processIndex].space,
            spaceID: processes.processes[processIndex].spaceID, modules: modules.unwindTable, into: &frames)
        for index in 0..<frames.count {
            let flags = frames.flags[index]
            let address = frames.addresses[index].value
            let isGuessed = flags.contains(.guessed)
            if isGuessed { statistics.guessedFrameCount &+= 1 }
            appendUser(
                flags.contains(.isReturnAddress) ? address &- 1 : address, isGuessed: isGuessed, processIndex)
        }
        if let marker = statistics.count(end) { append(marker) }
    }

    private mutating func append(_ marker: StackMarker) {
        current.append(
            locations.number(of: CodePosition(source: .marker, position: marker.rawValue, isGuessed: false)))
    }

    /// Adds the frame at `address` of the process, which is already within the call instruction for callers.
    private mutating func appendUser(_ address: UInt64, isGuessed: Bool, _ processIndex: Int) {
        let spaceKey = processes.processes[processIndex].spaceKey
        if !isGuessed, let known = cache.location(of: address, in: spaceKey) {
            current.append(known)
            return
        }
        guard let position = position(of: Address(address), isGuessed, processIndex) else {
            // Not remembered: a mapping that is added later leaves what is remembered valid.
            let unmapped = modules.anonymousModule(of: processes.processes[processIndex].process)
            let source = CodeSource(rawValue: unmapped)
            current.append(
                locations.number(of: CodePosition(source: source, position: address, isGuessed: isGuessed)))
            return
        }
        let number = locations.number(of: position)
        if !isGuessed { cache.remember(number, of: address, in: spaceKey) }
        current.append(number)
    }

    /// What lies at `address`; nil where nothing is mapped.
    private func position(of address: Address, _ isGuessed: Bool, _ processIndex: Int) -> CodePosition? {
        guard let mapping = processes.processes[processIndex].space.lookup(address) else { return nil }
        let module = modules.modules[Int(mapping.tag)]
        module.openPerfMap(patience: modules.patience)
        var jitSlice: UInt32 = 0
        if let dump = processes.processes[processIndex].jitDump, case .anonymous = module.kind {
            // A forked child has its parent's.
            if module.jitDump == nil { module.jitDump = dump }
            jitSlice = processes.processes[processIndex].jitSlice
        }
        return CodePosition(
            source: CodeSource(rawValue: mapping.tag),
            position: module.position(of: address, in: mapping.range, mappedFrom: mapping.fileOffset),
            isGuessed: isGuessed, jitSlice: jitSlice)
    }
}
