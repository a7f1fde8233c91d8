import PerfSampler
import Primitives

/// Keeps what tests look at.
struct CollectingSink: RecordSink {
    struct Sample {
        var processID: ProcessID
        var threadID: ThreadID
        var time: UInt64
        var eventIndex: Int
        var period: UInt64
        var isKernel: Bool
        var callChainCount: Int
        var registerCount: Int
        var stackByteCount: Int
        var stackPointer: UInt64
    }

    var samples: [Sample] = []
    var mappings: [MappingRecord] = []
    var commands: [CommandRecord] = []
    var forks: [TaskRecord] = []
    var exits: [TaskRecord] = []
    /// Deferred chains by cookie.
    var deferredChains: [UInt64: [UInt64]] = [:]
    /// The times of all records in the order of their delivery.
    var times: [UInt64] = []

    mutating func sample(_ record: borrowing SampleRecord) {
        times.append(record.timeNanoseconds)
        samples.append(
            Sample(
                processID: record.processID, threadID: record.threadID, time: record.timeNanoseconds,
                eventIndex: record.eventIndex, period: record.period, isKernel: record.isKernel,
                callChainCount: record.callChain.count, registerCount: record.registers.count,
                stackByteCount: record.stack.byteCount, stackPointer: record.stackPointer?.value ?? 0))
    }

    mutating func mapping(_ record: MappingRecord) {
        times.append(record.timeNanoseconds)
        mappings.append(record)
    }

    mutating func command(_ record: CommandRecord) {
        times.append(record.timeNanoseconds)
        commands.append(record)
    }

    mutating func fork(_ record: TaskRecord) {
        times.append(record.timeNanoseconds)
        forks.append(record)
    }

    mutating func deferredCallChain(_ record: borrowing DeferredCallChain) {
        times.append(record.timeNanoseconds)
        deferredChains[record.cookie] = (0..<record.addresses.count).map { record.addresses[$0] }
    }

    mutating func exit(_ record: TaskRecord) {
        times.append(record.timeNanoseconds)
        exits.append(record)
    }
}
