import Primitives
import Testing

@testable import PerfSampler

struct SamplerPartsTests {
    @Test("Event names, modifiers and raw codes give the kernel's numbers")
    func events() throws {
        let misses = try SamplingEvent.resolve("LLC-load-misses:u")
        #expect((misses.type, misses.configuration) == (3, 0x1_0002))
        #expect(misses.excludeKernel && !misses.excludeUser)
        let raw = try SamplingEvent.resolve("r1a2:k", rate: .period(5))
        #expect((raw.type, raw.configuration, raw.rate) == (4, 0x1a2, .period(5)))
        #expect(raw.excludeUser)
        #expect(try SamplingEvent.resolve("task-clock").unit == .nanoseconds)
        #expect(try SamplingEvent.resolve("branches").configuration == 4)
        for name in SamplingEvent.knownNames { _ = try SamplingEvent.resolve(name) }
    }

    @Test("An unknown event suggests what was meant", arguments: ["cpu-clokc", "instruction", "page-fault"])
    func unknown(name: String) {
        do {
            _ = try SamplingEvent.resolve(name)
            Issue.record("resolved")
        } catch {
            guard case .unknownEvent(_, let similar) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(!similar.isEmpty)
        }
    }

    @Test(
        "Odd event texts are errors", arguments: ["", ":", ":u", "a:b:c", "..:x", "r", "r+1", "sched:../../x", "u:u:u"])
    func odd(text: String) {
        #expect(throws: SamplerError.self) { try SamplingEvent.resolve(text) }
    }

    @Test("CPU lists are parsed, nonsense is refused")
    func cpuLists() {
        #expect(CPUList.parse("0-3,5,8-9") == [0, 1, 2, 3, 5, 8, 9])
        #expect(CPUList.parse("0") == [0])
        for text in ["", "x", "3-1", "-1", "1-", "0-99999999", "1-2-3"] { #expect(CPUList.parse(text) == nil) }
    }

    @Test("A process name with parentheses and spaces does not confuse the reader of stat")
    func stat() {
        let line = "12 (a) R 1 (x) S 34 12 12 0 -1 0 1 2 3 4 10 20 30 40 20 0 1 0 5"
        #expect(ProcessStatistics(line: Array(line.utf8))?.parentProcessID == ProcessID(34))
        #expect(ProcessStatistics(line: Array(line.utf8))?.childrenTicks == 70)
        for broken in ["", "12 (a S 3", "12 (a) R 1 2", line.replacing("34", with: "99999999999")] {
            #expect(ProcessStatistics(line: Array(broken.utf8)) == nil)
        }
    }

    @Test("The identifier table finds what was inserted and nothing else")
    func identifiers() {
        var table = IdentifierTable()
        for number in 1...5_000 as ClosedRange<UInt64> {
            table.insert(.init(identifier: number * 3, eventIndex: Int32(number), thread: -1))
        }
        for number in 1...5_000 as ClosedRange<UInt64> {
            #expect(table.find(number * 3)?.eventIndex == Int32(number))
            #expect(table.find(number * 3 + 1) == nil)
        }
        #expect(table.find(0) == nil)
    }

    @Test("Rings hold a second up to 8 MB and shrink to what may be locked")
    func rings() throws {
        func plan(_ frequency: Int, _ stack: Int, limit: Int?, cpus: Int = 2) throws -> RingPlan {
            let event = try SamplingEvent.resolve("cpu-clock", rate: .frequency(frequency))
            return RingPlan(
                configuration: SamplerConfiguration(target: .system, events: [event], stackByteCount: stack),
                frequencyLimit: 100_000, cpuCount: cpus, lockedLimit: limit, pageByteCount: 4096)
        }
        #expect(try plan(999, 65_520, limit: nil).preferred == 8 << 20)
        #expect(try plan(99, 65_520, limit: nil).preferred == 8 << 20)
        #expect(try plan(999, 16_384, limit: nil).preferred == 8 << 20)
        #expect(try plan(99, 65_520, limit: 516 << 10).preferred == 512 << 10)
        #expect(try plan(99, 8_192, limit: nil).preferred == 1 << 20)
        #expect(try plan(99, 0, limit: nil).preferred == 256 << 10)
        #expect(try plan(999, 65_520, limit: nil, cpus: 256).preferred == 2 << 20)
    }

    @Test("Every error says what to do")
    func messages() {
        let paranoid = SamplerError.permission(.paranoid(level: 3, needed: 2)).description
        #expect(paranoid.contains("sudo sysctl kernel.perf_event_paranoid=2"))
        #expect(SamplerError.permission(.seccomp).description.contains("--cap-add PERFMON"))
        #expect(SamplerError.tooManyFiles(needed: 5000, limit: 1024).description.contains("ulimit -n 5000"))
        let locked = SamplerError.lockedMemory(neededKilobytesPerCPU: 516, limitKilobytesPerCPU: 64).description
        #expect(locked.contains("sysctl kernel.perf_event_mlock_kb=516"))
    }
}
