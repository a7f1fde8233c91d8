import ELF
import Primitives
import Testing

@testable import StackUnwinder

/// C++ exceptions and threads, unwound at every instruction.
@Suite(.serialized, .enabled(if: CompiledPrograms.has("g++"), "needs g++"))
struct ExceptionTests {
    /// Exceptions through frames with and without destructors and frame pointers, and with arguments on the stack; caught
    /// by type, in the function that threw, or further out; thrown again; thrown in a callback of C code, in a destructor
    /// while another is under way, and in a thread, which ends by unwinding.
    /// The breakpoint keeps the start-up of the C++ library out of the steps.
    static let program = #"""
        #include <cstdlib>
        #include <pthread.h>
        #include <stdexcept>
        #include <string>
        #include <thread>
        struct Guard { volatile int &count; ~Guard() { count = count + 1; } };
        volatile int cleaned, caught;
        [[gnu::noinline]] int thrower(int depth) {
            std::string local(depth + 20, 'x');
            if (depth == 0) throw std::runtime_error(local);
            return thrower(depth - 1) + int(local.size());
        }
        [[gnu::noinline]] int guarded(int depth) {
            Guard guard{cleaned};
            alignas(64) volatile char bytes[64];
            bytes[depth] = 1;
            return thrower(depth) + bytes[depth];
        }
        [[gnu::noinline]] int rethrower(int depth) {
            try { return guarded(depth); } catch (const std::logic_error &) { return 1; } catch (...) { caught = 1; throw; }
        }
        [[gnu::noinline]] int catcher(int depth) {
            try { return rethrower(depth); } catch (const std::exception &error) { return int(std::string(error.what()).size()); }
        }
        [[gnu::noinline, gnu::optimize("omit-frame-pointer")]] int sparse(int depth) {
            Guard guard{cleaned};
            return depth ? sparse(depth - 1) + 1 : thrower(0);
        }
        [[gnu::noinline]] int many(long a, long b, long c, long d, long e, long f, long g, long h, long i) {
            Guard guard{cleaned};
            if (a + b + c + d + e + f + g + h + i > 0) throw int(i);
            return 0;
        }
        struct Thrower {
            ~Thrower() { try { caught = caught + many(1, 2, 3, 4, 5, 6, 7, 8, caught); } catch (int) { caught = 7; } }
        };
        [[gnu::noinline]] int within(int depth) {
            try {
                Thrower first;
                try {
                    Guard guard{cleaned};
                    if (depth == 1) throw 1L;
                    return sparse(depth);
                } catch (long value) { return int(value) + 1; }
            } catch (const std::runtime_error &) { return 3; }
        }
        int compare(const void *left, const void *right) {
            if (*(const int *)left == 3 || *(const int *)right == 3) throw 3;
            return *(const int *)left - *(const int *)right;
        }
        [[gnu::noinline]] int sorted() {
            int values[] = {5, 4, 3, 2, 1};
            try { qsort(values, 5, sizeof *values, compare); } catch (int value) { return value; }
            return 0;
        }
        void *leaver(void *) {
            Guard guard{cleaned};
            alignas(64) volatile char bytes[64];
            bytes[0] = 1;
            try { guarded(0); } catch (const std::exception &) { pthread_exit(nullptr); }
            return nullptr;
        }
        int main() {
            // Once freely, so that the unwinder's lazily bound calls are not all there is to see.
            int sum = catcher(3);
            asm volatile("int3");
            std::thread other([] { caught = caught + catcher(1); });
            sum += within(1) + within(0) + sorted();
            other.join();
            pthread_t last;
            pthread_create(&last, nullptr, leaver, nullptr);
            pthread_join(last, nullptr);
            return sum == 0;
        }
        """#

    /// Exceptions that handlers of signals throw: caught in the function that was interrupted, with and without a frame pointer, and
    /// with what it needs in preserved registers; in callers of it; and within the handler.
    static let signalProgram = #"""
        #include <csignal>
        #include <cstdlib>
        struct Fault { int number; };
        struct Guard { volatile int &count; ~Guard() { count = count + 1; } };
        volatile int cleaned, divisor, thrown;
        int *volatile nowhere;
        [[gnu::noinline]] void raiser(int number) { Guard guard{cleaned}; throw Fault{number}; }
        void handler(int number) {
            try { if (++thrown == 3) throw number; } catch (int inner) { cleaned = cleaned + inner; }
            raiser(number);
        }
        [[gnu::noinline]] int direct(int value) {
            Guard guard{cleaned};
            try { return *nowhere + value; } catch (const Fault &fault) { return fault.number + value; }
        }
        [[gnu::noinline, gnu::optimize("omit-frame-pointer")]] int kept(int a, int b, int c, int d) {
            int sum = 0;
            for (int round = 0; round < 2; round++) {
                try { sum += a * cleaned + abs(b) / divisor; } catch (const Fault &fault) { sum += fault.number + c * d; }
                a += sum; b -= c; c += d; d ^= a;
            }
            return sum + a + b + c + d;
        }
        [[gnu::noinline]] int aligned(int value) {
            alignas(64) volatile char bytes[64];
            bytes[value] = 1;
            try { return *nowhere + bytes[0]; } catch (...) { return bytes[value]; }
        }
        [[gnu::noinline]] int leaf(int value) { return *nowhere + value; }
        [[gnu::noinline]] int through(int depth) { Guard guard{cleaned}; return depth ? through(depth - 1) + 1 : leaf(depth); }
        [[gnu::noinline]] int outer(int depth) { try { return through(depth); } catch (const Fault &) { return depth; } }
        int main() {
            struct sigaction action = {};
            action.sa_handler = handler;
            action.sa_flags = SA_NODEFER;
            sigaction(SIGSEGV, &action, nullptr);
            sigaction(SIGFPE, &action, nullptr);
            int sum = direct(1) + outer(2);
            asm volatile("int3");
            sum += direct(2) + kept(1, 2, 3, 4) + aligned(3) + outer(2);
            return sum == 0;
        }
        """#

    @Test(arguments: ["g++ -O2 -fomit-frame-pointer", "g++ -O2 -fno-omit-frame-pointer", "g++ -O0 -static"])
    func `the stack is right at every instruction of exceptions that land through a signal`(command: String) throws {
        let programs = try CompiledPrograms()
        let helper = try programs.compile(StepOracle.helper, "gcc -O2", name: "helper")
        let path = try programs.compile(
            Self.signalProgram, "\(command) -fnon-call-exceptions", name: "target", language: "cpp")
        let tally = try StepOracle.run(helper: helper, program: path, skip: nil, limit: 300_000, bindsNow: true)
        print("step oracle, signals:", command, tally)
        #expect(tally.positions >= 30_000 && tally.positions < 300_000, "\(tally)")
        #expect(tally.landing > 500 && tally.exact + tally.landing == tally.positions, "\(tally)")
        #expect(tally.guessed == 0, "\(tally)")
    }

    @Test(arguments: [
        ("g++ -O2 -fomit-frame-pointer", false), ("g++ -O2 -fno-omit-frame-pointer", true), ("g++ -O0 -static", true),
    ])
    func `the stack is right at every instruction of exceptions and threads`(command: String, bindsNow: Bool) throws {
        guard CompiledPrograms.has(String(command.prefix { $0 != " " })) else { return }
        let programs = try CompiledPrograms()
        let helper = try programs.compile(StepOracle.helper, "gcc -O2", name: "helper")
        let path = try programs.compile(Self.program, "\(command) -pthread", name: "target", language: "cpp")
        let tally = try StepOracle.run(
            helper: helper, program: path, skip: nil, limit: 250_000, bindsNow: bindsNow)
        print("step oracle:", command, tally)
        #expect(tally.positions >= 50_000 && tally.positions < 250_000, "\(tally)")
        #expect(tally.inThreads >= 10_000)
        #expect(tally.landing > 1_000 && tally.exact + tally.landing == tally.positions, "\(tally)")
        #expect(tally.guessed == 0, "\(tally)")
    }

    /// Stacks that a hostile program could have below an exception's unwinder, by a generator that can be run again: words that
    /// point into the stack and into the unwinder's code, and records of frames that lead anywhere.
    @Test func `any stack below an exception's unwinder ends in bounded time and frames`() throws {
        let path = String(CompiledPrograms.output("gcc -print-file-name=libgcc_s.so.1").prefix { $0 != "\n" })
        let modules = ModuleTable()
        let image = try ElfImage(reading: try FileDescriptor(opening: path))
        let id = modules.register(image, displayName: path)
        let segment = try #require(image.segments.first { $0.isLoad && $0.isExecutable })
        let bias: UInt64 = 0x7f00_0000_0000
        var space = AddressSpace()
        let start = bias + segment.address.value & ~4_095
        space.map(
            range: Address(start)..<Address(start + segment.fileSize + 4_096),
            fileOffset: FileOffset(segment.offset.value & ~4_095), module: id, kind: .file)
        // The code of functions that say where the registers are which a landing pad expects.
        let places = stride(from: segment.address.value, to: segment.address.value + segment.fileSize, by: 3).filter {
            [.exceptionUnwinder, .exceptionUnwinderByFrame].contains(modules[id].tableRule(at: $0).kind)
        }
        try #require(places.count > 100)
        var generator = SeededGenerator(seed: 7)
        var unwinder = Unwinder()
        var frames = FrameBuffer()
        var deep = 0
        for round in 0..<1_500 {
            // Near the end of the address space, too, where sums run over.
            let base: UInt64 = round % 4 == 0 ? UInt64.max - 4_799 : 0x7ffd_0000_0000
            var words = (0..<600).map { _ -> UInt64 in
                switch generator.next() % 8 {
                case 0...3: places[Int(generator.next() % UInt64(places.count))] + bias
                case 4: generator.next()
                default: base &+ generator.next() % 600 * 8
                }
            }
            for _ in 0..<15 {
                // A record: the return address's slot is the word below the stack pointer.
                let at = Int(generator.next() % 580)
                let pointer = base &+ generator.next() % 650 * 8
                (words[at + 16], words[at + 18]) = (pointer &- 8, pointer)
            }
            var registers = RegisterSet(machine: .x86_64)
            for number in 0..<16 { registers[number] = base &+ generator.next() % 600 * 8 }
            registers[7] = base
            registers[16] = places[Int(generator.next() % UInt64(places.count))] + bias
            let bytes = words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
            _ = unwinder.unwind(
                registers: registers, stack: bytes.rawSpan, in: space, spaceID: 1, modules: modules, into: &frames)
            #expect(frames.count <= 601)
            if frames.count > 2 { deep += 1 }
        }
        #expect(deep > 100, "\(deep)")
    }
}
