import Glibc
import Primitives
import Testing

@testable import PerfSampler
@testable import Recorder

/// Samples that come without a usable stack: what they say of themselves.
struct IncompleteStackTests {
    private static let kernelAddress: UInt64 = 0xffff_ffff_8100_0010

    /// The first instruction of a function of the C library: the return address is where the stack pointer leads.
    private static let function = UInt64(UInt(bitPattern: dlsym(nil, "getpid")))

    /// A sample of our own process, whose maps can be read: in `getpid`, or in the kernel with the registers still there.
    private func take(
        isKernel: Bool, stack: [UInt64] = [], copied: UInt64 = 0, at address: UInt64 = function,
        by processor: inout SampleProcessor
    ) {
        let task = UInt64(UInt32(bitPattern: getpid())) | UInt64(UInt32(bitPattern: getpid())) << 32
        let chain = isKernel ? [CallChainContext.kernel, Self.kernelAddress] : []
        var registers = [UInt64](repeating: 0, count: RegisterLayout.count)
        registers[RegisterLayout.stackPointerIndex] = 0x7000_0000_0000
        registers[RegisterLayout.instructionPointerIndex] = address
        // The room of a copy of the stack is in the record, whether something was copied or not.
        let room = stack + [UInt64](repeating: 0, count: 16 - stack.count)
        let words: [UInt64] =
            [1, isKernel ? Self.kernelAddress : address, task, .max - 1, 0, 100, UInt64(chain.count)] + chain
            + [2] + registers + [UInt64(room.count * 8)] + room + [copied]
        let bytes = RecordBuilder.record(kind: 9, flags: isKernel ? 1 : 2, words: words)
        let header = RecordHeader(word: bytes.rawSpan.word(at: 0))
        guard let record = SampleRecord(bytes.rawSpan, header: header, layout: RecordBuilder.layout) else {
            Issue.record("not decoded")
            return
        }
        processor.sample(record)
    }

    /// The frames of the last stack: markers by name, the kernel's and the program's as such.
    private func frames(_ processor: borrowing SampleProcessor) -> [String] {
        guard let entry = processor.stacks.entries.last else { return [] }
        return processor.stacks.locations(of: entry).map {
            let position = processor.locations.positions[Int($0)]
            switch position.source {
            case .kernel: return "kernel"
            case .marker: return StackMarker(rawValue: position.position)?.name ?? "?"
            default: return processor.modules.modules[Int(position.source.rawValue)].path == "//anon" ? "?" : "program"
            }
        }
    }

    private func processor() -> SampleProcessor {
        SampleProcessor(eventCount: 1, stackMethod: .unwindTables, keepsCPU: false)
    }

    @Test(arguments: [false, true])
    func `a page of the stack that is not in memory leaves the sampled function and says that the rest is missing`(
        isKernel: Bool
    ) {
        var processor = processor()
        take(isKernel: isKernel, by: &processor)
        let frames = frames(processor)
        #expect(frames == (isKernel ? ["kernel"] : []) + ["program", "[truncated]"])
        let statistics = processor.statistics
        #expect(statistics.userStackCount == 1 && statistics.truncatedCount == 1 && statistics.completeCount == 0)
        #expect(statistics.failures.byReason.isEmpty)
    }

    @Test func `a copy that ends before its room does is the whole stack, in which nothing is truncated`() {
        var processor = processor()
        // Three bytes are no return address.
        take(isKernel: false, stack: [1], copied: 3, by: &processor)
        let frames = frames(processor)
        #expect(frames == ["program", "[unwind failed: inconsistent frame]"])
        let statistics = processor.statistics
        #expect(statistics.truncatedCount == 0 && statistics.failures.badFrame == 1)
    }

    @Test func `in execve, before the record of it, the caller is the old program's and its stack is missing`() {
        var processor = processor()
        // The memory is the new program's by then: nothing is where the old stack pointer leads.
        take(isKernel: true, by: &processor)
        let frames = frames(processor)
        #expect(frames == ["kernel", "program", "[truncated]"])
    }

    @Test
    func `in execve, behind the record of it, the old program's registers give no frames and count as no failure`() {
        var processor = processor()
        processor.processes.exec(ProcessID(getpid()), at: .max - 2)
        take(isKernel: true, by: &processor)
        // A stack that was copied from the new memory where the old stack pointer leads by chance: the code is still unknown.
        take(isKernel: true, stack: [1, 2, 3], copied: 24, by: &processor)
        let frames = frames(processor)
        #expect(frames == ["kernel"])
        let statistics = processor.statistics
        #expect(statistics.userStackCount == 0 && statistics.failures.byReason.isEmpty)
        let values = processor.stacks.values
        #expect(values == [2, 200])
    }

    @Test func `the first sample of the new program in user space is a program's again, whatever it shows`() {
        var processor = processor()
        processor.processes.exec(ProcessID(getpid()), at: .max - 2)
        take(isKernel: false, by: &processor)
        var frames = frames(processor)
        // Its mappings' records were lost.
        #expect(frames == ["?", "[unwind failed: address outside of every mapping]"])
        take(isKernel: true, by: &processor)
        frames = self.frames(processor)
        #expect(frames == ["kernel", "?", "[unwind failed: address outside of every mapping]"])
        let statistics = processor.statistics
        #expect(statistics.userStackCount == 2 && statistics.failures.noMapping == 2)
    }
}
