import CPerfEvent
import Glibc
import Primitives

/// Opens events on the calling thread to see what the kernel lets us do, and closes them at once.
enum EventProbe {
    /// The errno of opening `event` on this thread in user space (and in the kernel if `withKernel`); 0 if it works.
    static func open(_ event: SamplingEvent, withKernel: Bool = false, extra: AttributeFlags = []) -> Int32 {
        var attributes = cperf_attributes()
        attributes.type = event.type
        attributes.config = event.configuration
        attributes.sample_type = SampleType.instructionPointer
        attributes.sample_period_or_frequency = 1_000_000
        if extra.contains(.deferCallChain) { attributes.sample_type |= SampleType.callChain }
        var flags: AttributeFlags = [.disabled, .excludeHypervisor]
        if !withKernel { flags.insert(.excludeKernel) }
        attributes.flags = flags.union(extra).rawValue
        let descriptor = unsafe cperf_open(&attributes, 0, -1, 0)
        guard descriptor >= 0 else { return errno }
        close(descriptor)
        return 0
    }

    /// Whether `event` can be sampled on this thread in user space.
    static func canOpen(_ event: SamplingEvent) -> Bool {
        open(event) == 0
    }

    /// The software event that needs the fewest rights.
    static let simplest = SamplingEvent(name: "cpu-clock", type: PerfType.software, configuration: 0)
}
