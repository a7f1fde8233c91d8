import CPerfEvent
import Glibc
import Primitives

/// Owns the descriptors of all opened events and the mapped rings.
@safe
struct PerfHandles: ~Copyable {
    /// An opened event.
    struct Entry {
        var descriptor: Int32
        var identifier: UInt64
        var eventIndex: Int
        var ring: Int
    }

    private(set) var entries: [Entry] = []
    /// The rings with their CPUs.
    var rings: [RingBuffer] = unsafe []
    private var mappings: [(start: UnsafeMutableRawPointer, byteCount: Int)] = unsafe []
    private var cpus: [Int32] = []
    private var owners: [Int32] = []
    /// Room for one record that wraps.
    let scratch: UnsafeMutableRawPointer
    private let pageByteCount: Int

    init() {
        unsafe scratch = .allocate(byteCount: RecordLayout.largestRecordByteCount, alignment: 8)
        pageByteCount = max(4096, sysconf(Int32(_SC_PAGESIZE)))
    }

    deinit {
        // Closures, because swift-format breaks `for unsafe … in`.
        unsafe mappings.forEach { unsafe munmap($0.start, $0.byteCount) }
        for entry in entries { close(entry.descriptor) }
        unsafe scratch.deallocate()
    }

    /// Takes an opened event and connects it to the ring of its CPU, which is made if it is the first.
    ///
    /// Throws the error of mmap (EPERM or ENOMEM: too much locked memory) or of PERF_EVENT_IOC_SET_OUTPUT.
    mutating func add(descriptor: Int32, eventIndex: Int, cpu: Int32, ringByteCount: Int) throws(SystemError) {
        var identifier: UInt64 = 0
        var failure: SystemError?
        if unsafe cperf_identifier(descriptor, &identifier) != 0 { failure = .last("PERF_EVENT_IOC_ID") }
        var ring = cpus.firstIndex(of: cpu)
        if failure == nil {
            if let ring {
                if cperf_set_output(descriptor, owners[ring]) != 0 { failure = .last("PERF_EVENT_IOC_SET_OUTPUT") }
            } else {
                let byteCount = pageByteCount + ringByteCount
                let memory = unsafe mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
                if let memory = unsafe memory, unsafe memory != MAP_FAILED {
                    ring = cpus.count
                    cpus.append(cpu)
                    owners.append(descriptor)
                    unsafe mappings.append((memory, byteCount))
                    unsafe rings.append(
                        RingBuffer(control: memory, pageByteCount: pageByteCount, byteCount: ringByteCount))
                } else {
                    failure = .last("map a ring of \(ringByteCount) bytes")
                }
            }
        }
        guard let ring, failure == nil else {
            close(descriptor)
            throw failure ?? SystemError(code: EINVAL, operation: "map a ring")
        }
        entries.append(Entry(descriptor: descriptor, identifier: identifier, eventIndex: eventIndex, ring: ring))
    }
}
