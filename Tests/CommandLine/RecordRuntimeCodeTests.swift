import Glibc
import Primitives
import ProfileModel
import Testing

/// Profiles of programs that make machine code while they run.
@Suite(.serialized, .enabled(if: SprofBinary.canRecord, "needs a built sprof and perf_event_open"))
struct RecordRuntimeCodeTests {
    let workspace = SprofWorkspace()

    /// Writes code that calls back into C, three times: to a place, over it, and moved elsewhere; and a jitdump of it.
    static let program = #"""
        #define _GNU_SOURCE
        #include <fcntl.h>
        #include <stdint.h>
        #include <stdio.h>
        #include <string.h>
        #include <sys/mman.h>
        #include <time.h>
        #include <unistd.h>
        typedef void (*callback)(void);
        typedef void (*code)(callback);
        volatile long sink;
        static int file;
        static uint64_t now(clockid_t clock) {
            struct timespec t; clock_gettime(clock, &t); return t.tv_sec * 1000000000ull + t.tv_nsec;
        }
        __attribute__((noinline)) void spin(void) {
            uint64_t end = now(CLOCK_PROCESS_CPUTIME_ID) + 300000000;
            while (now(CLOCK_PROCESS_CPUTIME_ID) < end) for (int i = 0; i < 100000; i++) sink += i;
        }
        static void put(const void *bytes, size_t count) { if (write(file, bytes, count) < 0) _exit(2); }
        static void words(int count, const uint64_t *numbers) { put(numbers, count * 8); }
        #ifdef FRAMELESS // sub $8, %rsp; call *%rdi; add $8, %rsp; ret
        static const unsigned char bytes[] = {0x48, 0x83, 0xec, 0x08, 0xff, 0xd7, 0x48, 0x83, 0xc4, 0x08, 0xc3};
        #else // push %rbp; mov %rsp, %rbp; call *%rdi; pop %rbp; ret
        static const unsigned char bytes[] = {0x55, 0x48, 0x89, 0xe5, 0xff, 0xd7, 0x5d, 0xc3};
        #endif
        static void load(const char *name, void *place, uint64_t number, int line) {
            const char *source = "script.lang";
            uint64_t at = (uint64_t)place, size = 32 + 16 + strlen(source) + 1;
            words(2, (uint64_t[]){2 | size << 32, now(CLOCK_MONOTONIC)});
            words(4, (uint64_t[]){at, 1, at, line});
            put(source, strlen(source) + 1);
            size = 56 + strlen(name) + 1 + sizeof bytes;
            words(2, (uint64_t[]){size << 32, now(CLOCK_MONOTONIC)});
            words(5, (uint64_t[]){getpid() | (uint64_t)getpid() << 32, at, at, sizeof bytes, number});
            put(name, strlen(name) + 1); put(bytes, sizeof bytes);
        }
        int main(void) {
            char path[64];
            snprintf(path, sizeof path, "jit-%d.dump", getpid());
            file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
            words(5, (uint64_t[]){0x14a695444, 40 | 62ull << 32, (uint64_t)getpid() << 32, now(CLOCK_MONOTONIC), 0});
            mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0);
            unsigned char *memory = mmap(NULL, 1 << 16, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            memcpy(memory + 256, bytes, sizeof bytes);
            load("script_first", memory + 256, 1, 11);
            ((code)(void *)(memory + 256))(spin);
            load("script_second", memory + 256, 2, 22);
            ((code)(void *)(memory + 256))(spin);
            memcpy(memory + 4096, bytes, sizeof bytes);
            words(2, (uint64_t[]){1 | 64ull << 32, now(CLOCK_MONOTONIC)});
            words(6, (uint64_t[]){getpid(), (uint64_t)memory + 4096, (uint64_t)memory + 256, (uint64_t)memory + 4096, sizeof bytes, 2});
            load("script_third", memory + 256, 3, 33);
            ((code)(void *)(memory + 4096))(spin);
            unlink(path);
            return 0;
        }
        """#

    /// The names of all stacks that have `name` in them, leaf first, with their samples.
    private func stacks(of recorded: Recorded, with name: String) -> [[String]] {
        recorded.profile.samples.indices.map { recorded.names(of: Array(recorded.profile.samples[$0].locations)) }
            .filter { $0.contains(name) }
    }

    @Test(.enabled(if: CompiledPrograms.has("gcc"), "needs gcc"), arguments: ["", "-DFRAMELESS"])
    func `a jitdump names code by its time and place, and stacks go through it`(option: String) throws {
        let programs = try CompiledPrograms()
        let path = try programs.compile(Self.program, "gcc -O1 \(option)", name: "runtime")
        let recorded = try workspace.record(["-F", "999", "--", path])
        let shares = try ["script_first", "script_second"].map { name in
            let stacks = stacks(of: recorded, with: name)
            for stack in stacks {
                let place = try #require(stack.firstIndex(of: name))
                // Or sampled in the script's few instructions themselves.
                #expect(place == 0 || stack[place - 1] == "spin", "\(stack)")
                #expect(stack.dropFirst(place + 1).first == "main", "\(stack)")
            }
            return stacks.count
        }
        #expect(shares.allSatisfy { $0 > 0 })
        #expect(stacks(of: recorded, with: "script_third").isEmpty)
        #expect((recorded.account["user_stacks"] ?? 0) == (recorded.account["complete_stacks"] ?? 1))
        let lines = recorded.profile.locations.flatMap(\.lines).compactMap { line -> String? in
            let function = recorded.profile.functions[Int(line.function.rawValue)]
            guard recorded.profile.string(function.name).hasPrefix("script_") else { return nil }
            return
                "\(recorded.profile.string(function.name)) \(recorded.profile.string(function.filename)):\(line.line)"
        }
        #expect(Set(lines) == ["script_first script.lang:11", "script_second script.lang:22"])
        #expect(recorded.account.text.contains("\"problems\":[]"), "\(recorded.account.text)")
    }

    @Test(.enabled(if: CompiledPrograms.has("node"), "needs node"))
    func `node's jitdump names its functions`() throws {
        let script = workspace.path("script.js")
        let file = try FileDescriptor(opening: script, O_WRONLY | O_CREAT, mode: 0o644)
        let text = """
            function busy(n) { let s = 0; for (let i = 0; i < n; i++) s += Math.sqrt(i); return s; }
            function caller(n) { let s = 0; for (let i = 0; i < 300; i++) s += busy(n) + i; return s; }
            console.log(caller(1e6));
            """
        try file.write(Array(text.utf8).rawSpan)
        let recorded = try workspace.record(["-F", "999", "--", "node", "--perf-prof", script])
        // Few stacks differ, and have nearly all samples.
        var (all, whole, interpreted) = (Int64(0), Int64(0), Int64(0))
        for sample in recorded.profile.samples {
            let names = recorded.names(of: Array(sample.locations))
            guard names.contains(where: { $0.contains("busy") }), let count = sample.values.first else { continue }
            all += count
            if names.last == "_start" { whole += count }
            // The caller is interpreted and has no code of its own.
            if names.contains(where: { $0.contains("Builtins_InterpreterEntryTrampoline") }) { interpreted += count }
        }
        #expect(all > 100)
        #expect(whole * 100 > all * 95 && interpreted * 100 > all * 95)
    }
}
