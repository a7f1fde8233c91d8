import CPerfEvent
import Glibc
import Primitives

/// Lets events that count on whole CPUs take samples of chosen processes or threads only, decided in the kernel before
/// anything of the sample is copied.
///
/// A program on the event (BPF_PROG_TYPE_PERF_EVENT) looks the running task up in a hash and drops the sample unless it is
/// there. Two more programs follow processes: on task:task_newtask one adds the child of a process in the hash, before
/// the child can run; on sched:sched_process_free one takes out a process whose number becomes free. So a child of one
/// millisecond is followed, which user space, reading records later, could not do.
///
/// An event that is bound to a task costs the target 2.5–3.8 µs per context switch whatever it counts; these cost nothing
/// there, as the scheduler does not know them.
struct TaskFilter: ~Copyable {
    /// What the hash holds.
    enum Subject {
        case processes
        case threads
    }

    /// Room for so many processes at once.
    static let capacity: UInt32 = 65_536
    /// CLONE_THREAD of <sched.h>.
    private static let cloneThread: Int32 = 0x1_0000

    private let tasks: FileDescriptor
    private let program: FileDescriptor
    /// One number: how many processes did not fit.
    private let overflow: FileDescriptor
    /// The events of the two tracepoints; the kernel keeps their programs as long as they are open.
    private let hooks: [Int32]

    /// A filter that lets nothing through yet.
    ///
    /// - Parameter followsChildren: Children of what is let through are let through as well.
    /// - Throws: The kernel's answer, EPERM above all: CAP_BPF and CAP_PERFMON, or CAP_SYS_ADMIN, are needed.
    init(_ subject: Subject, followsChildren: Bool, cpu: Int32) throws(SystemError) {
        let tasks = try Self.map(1, valueByteCount: 4, capacity: Self.capacity)
        let overflow = try Self.map(2, valueByteCount: 8, capacity: 1)
        let program = try Self.filter(subject, tasks: tasks.raw).load(as: .perfEvent)
        hooks = followsChildren ? try Self.hooks(tasks: tasks.raw, overflow: overflow.raw, cpu: cpu) : []
        self.tasks = tasks
        self.overflow = overflow
        self.program = program
    }

    deinit {
        hooks.forEach { close($0) }
    }

    /// Puts the filter on an event.
    func attach(to event: Int32) throws(SystemError) {
        guard cperf_set_bpf(event, program.raw) == 0 else { throw .last("PERF_EVENT_IOC_SET_BPF") }
    }

    /// Lets the process or thread with this number through, and what it starts from now on.
    func admit(_ task: Int32) throws(SystemError) {
        guard cperf_bpf_set(tasks.raw, UInt32(bitPattern: task), 1) == 0 else { throw .last("BPF_MAP_UPDATE_ELEM") }
    }

    /// Whether the process or thread is let through now.
    func admits(_ task: Int32) -> Bool {
        var value: UInt32 = 0
        return unsafe cperf_bpf_get(tasks.raw, UInt32(bitPattern: task), &value) == 0
    }

    /// How many processes could not be followed because `capacity` others were.
    var overflowCount: UInt64 {
        var count: UInt64 = 0
        return unsafe cperf_bpf_get(overflow.raw, 0, &count) == 0 ? count : 0
    }

    // MARK: Programs

    /// 1, which keeps the sample, if the running task is in the hash, else 0.
    static func filter(_ subject: Subject, tasks: Int32) -> BPFProgram {
        var program = BPFProgram()
        program.lookUpCurrent(subject, in: tasks)
        program.leave(ifZero: .r0)
        program.set(.r0, to: 1)
        program.end()
        return program
    }

    /// Adds a new process whose maker is in the hash; nil if the tracepoint lacks a field.
    static func follower(_ format: TracepointFormat, tasks: Int32, overflow: Int32) -> BPFProgram? {
        guard let child = format["pid"], let flags = format["clone_flags"] else { return nil }
        var program = BPFProgram()
        program.move(.r1, to: .r6)
        program.lookUpCurrent(.processes, in: tasks)
        program.leave(ifZero: .r0)
        program.load(.r1, .r6, flags.offset, byteCount: flags.byteCount)
        program.and(.r1, cloneThread)
        program.leave(unlessZero: .r1)
        program.load(.r1, .r6, child.offset, byteCount: 4)
        program.store(.r1, toStack: -4)
        program.store(1, toStack: -8)
        program.set(.r1, toMap: tasks)
        program.set(.r2, toStack: -4)
        program.set(.r3, toStack: -8)
        program.set(.r4, to: 0)
        program.call(.update)
        program.leave(ifZero: .r0)
        program.store(0, toStack: -4)
        program.set(.r1, toMap: overflow)
        program.set(.r2, toStack: -4)
        program.call(.lookUp)
        program.leave(ifZero: .r0)
        program.set(.r1, to: 1)
        program.atomicAdd(.r1, to: .r0)
        program.end(with: 0)
        return program
    }

    /// Takes out the task that is freed. A thread that is not its process's first has a number that is not in the hash.
    static func remover(_ format: TracepointFormat, tasks: Int32) -> BPFProgram? {
        guard let task = format["pid"] else { return nil }
        var program = BPFProgram()
        program.load(.r1, .r1, task.offset, byteCount: 4)
        program.store(.r1, toStack: -4)
        program.set(.r1, toMap: tasks)
        program.set(.r2, toStack: -4)
        program.call(.delete)
        program.end(with: 0)
        return program
    }

    // MARK: Parts

    /// The two programs at their tracepoints.
    private static func hooks(tasks: Int32, overflow: Int32, cpu: Int32) throws(SystemError) -> [Int32] {
        guard let new = TracepointFormat(ofTracepoint: "task_newtask", in: "task"),
            let free = TracepointFormat(ofTracepoint: "sched_process_free", in: "sched"),
            let arrival = follower(new, tasks: tasks, overflow: overflow), let departure = remover(free, tasks: tasks)
        else { throw SystemError(code: EOPNOTSUPP, operation: "find the tracepoints of new and ended tasks") }
        let first = try hook(new, arrival, cpu: cpu)
        do throws(SystemError) {
            return [first, try hook(free, departure, cpu: cpu)]
        } catch {
            close(first)
            throw error
        }
    }

    private static func map(_ type: UInt32, valueByteCount: UInt32, capacity: UInt32) throws(SystemError)
        -> FileDescriptor
    {
        let descriptor = cperf_bpf_create_map(type, valueByteCount, capacity)
        guard descriptor >= 0 else { throw .last("create a BPF map") }
        return FileDescriptor(owning: descriptor)
    }

    /// Runs `program` whenever the tracepoint is passed, on any CPU: the event's own CPU does not matter to it.
    private static func hook(_ format: TracepointFormat, _ program: BPFProgram, cpu: Int32) throws(SystemError)
        -> Int32
    {
        let loaded = try program.load(as: .tracepoint)
        var attributes = cperf_attributes()
        attributes.type = PerfType.tracepoint
        attributes.config = format.identifier
        let event = unsafe cperf_open(&attributes, -1, cpu, 0)
        guard event >= 0 else { throw .last("perf_event_open for a tracepoint") }
        guard cperf_set_bpf(event, loaded.raw) == 0 else {
            let failure = SystemError.last("PERF_EVENT_IOC_SET_BPF")
            close(event)
            throw failure
        }
        return event
    }
}

extension BPFProgram {
    /// r0 = where the running process or thread is in the hash, 0 if it is not. Needs the last 4 bytes of the stack.
    fileprivate mutating func lookUpCurrent(_ subject: TaskFilter.Subject, in tasks: Int32) {
        // The process in the upper half, the thread in the lower one: bpf-helpers(7).
        call(.currentTask)
        if subject == .processes { shiftRight(.r0, by: 32) }
        store(.r0, toStack: -4)
        set(.r1, toMap: tasks)
        set(.r2, toStack: -4)
        call(.lookUp)
    }
}
