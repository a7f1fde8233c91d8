import Testing

@testable import StackUnwinder

/// C++ exceptions and threads, unwound at every instruction.
@Suite(.serialized, .enabled(if: CompiledPrograms.has("g++"), "needs g++"))
struct ExceptionTests {
    /// Exceptions through frames with and without destructors, caught by type, thrown again, and thrown in a thread.
    /// The breakpoint keeps the start-up of the C++ library out of the steps.
    static let program = #"""
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
        int main() {
            // Once freely, so that the unwinder's lazily bound calls are not all there is to see.
            int sum = catcher(3);
            asm volatile("int3");
            std::thread other([] { caught = caught + catcher(2); });
            sum += catcher(1);
            other.join();
            return sum == 0;
        }
        """#

    @Test(arguments: ["-fomit-frame-pointer", "-fno-omit-frame-pointer", "-O0"])
    func `the stack is right at every instruction of exceptions and threads`(option: String) throws {
        let programs = try CompiledPrograms()
        let helper = try programs.compile(StepOracle.helper, "gcc -O2", name: "helper")
        let path = try programs.compile(
            Self.program, "g++ -O2 -pthread \(option)", name: "target", language: "cpp")
        let tally = try StepOracle.run(helper: helper, program: path, skip: nil, limit: 60_000)
        print("step oracle: exceptions", option, tally)
        #expect(tally.positions >= 10_000)
        #expect(tally.inThreads >= 1_000)
        #expect(tally.exact + tally.rewritten + tally.wrong == tally.positions, "\(tally)")
        #expect(tally.rewritten < tally.positions / 50)
        // While the registers of the catching frame are being put in place, which takes some hundred instructions.
        #expect(tally.wrong < tally.positions / 50, "\(tally)")
        #expect(tally.wrongUnmarked == 0, "\(tally)")
    }
}
