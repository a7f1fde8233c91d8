/// A program whose call tree and CPU shares are known: `half`, `third` and `fifth` take 50 %, 30 % and 20 %, each by the
/// clock of its thread.
enum KnownProgram {
    static let source = """
        #include <time.h>
        #include <stdlib.h>
        #ifdef __clang__
        #define NOINLINE __attribute__((noinline))
        #else
        #define NOINLINE __attribute__((noinline, noclone))
        #endif
        #define AFTER __asm__ volatile("" ::: "memory")
        volatile unsigned long sink;
        NOINLINE long cpu_clock(void) {
            struct timespec t;
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
            AFTER;
            return t.tv_sec * 1000000000L + t.tv_nsec;
        }
        NOINLINE void burn(unsigned long n) {
            unsigned long x = n;
            for (unsigned long i = 0; i < n; i++) x = x * 6364136223846793005UL + 1442695040888963407UL;
            sink = x;
            AFTER;
        }
        NOINLINE void spend(long nanoseconds) {
            long end = cpu_clock() + nanoseconds;
            while (cpu_clock() < end) burn(200000);
            AFTER;
        }
        NOINLINE void half(long share) { spend(share * 5); AFTER; }
        NOINLINE void third(long share) { spend(share * 3); AFTER; }
        NOINLINE void fifth(long share) { spend(share * 2); AFTER; }
        NOINLINE void recurse(int depth, long share) {
            if (depth > 0) { recurse(depth - 1, share); AFTER; return; }
            half(share);
            third(share);
            fifth(share);
            AFTER;
        }
        int main(int argc, char **argv) {
            long milliseconds = argc > 1 ? atol(argv[1]) : 3000;
            for (int round = 0; round < 10; round++) recurse(round, milliseconds * 1000000L / 100);
            return 0;
        }
        """

    /// Who may call whom.
    static let edges: [String: Set<String>] = [
        "main": ["recurse"], "recurse": ["recurse", "half", "third", "fifth"], "half": ["spend"], "third": ["spend"],
        "fifth": ["spend"], "spend": ["cpu_clock", "burn"], "burn": [],
    ]
    static let shares: [String: Double] = ["half": 0.5, "third": 0.3, "fifth": 0.2]

    /// What is wrong with a stack, given leaf first without the kernel's part; nil if it is a path of the call tree.
    ///
    /// Below `main` there is only what starts a program, and `cpu_clock` may call into libc and the vDSO. Chains of frame
    /// pointers skip the caller of a function that has none of its own.
    static func fault(inStack leafFirst: [String], skipsCallers: Bool = false) -> String? {
        guard let root = leafFirst.lastIndex(of: "main") else { return "no main" }
        for index in stride(from: root, to: 0, by: -1) {
            let caller = leafFirst[index]
            let callee = leafFirst[index - 1]
            if caller == "cpu_clock" {
                let inner = leafFirst[..<index]
                return inner.contains { edges[$0] != nil } ? "cpu_clock calls \(inner)" : nil
            }
            let legal = edges[caller] ?? []
            if legal.contains(callee) { continue }
            if skipsCallers, legal.contains("cpu_clock"), edges[callee] == nil { return nil }
            if skipsCallers, index == 1, legal.contains(where: { edges[$0]?.contains(callee) == true }) { continue }
            return "\(caller) calls \(callee)"
        }
        let below = leafFirst[(root + 1)...]
        return below.contains { edges[$0] != nil || $0 == "cpu_clock" } ? "main is called by \(below)" : nil
    }
}
