import ELF
import Glibc
import Primitives

@testable import StackUnwinder

/// Runs a program one instruction at a time and holds the unwinder's answer at each against the return addresses that
/// the calls and returns seen so far have left behind.
struct StepOracle {
    /// What came out of one program.
    struct Tally: CustomStringConvertible {
        var positions = 0
        var exact = 0
        /// A frame differs.
        var wrong = 0
        /// Wrong, and no frame was marked as guessed.
        var wrongUnmarked = 0
        /// All frames are right, but outer ones are missing.
        var short = 0
        var restarted = 0
        var frames = 0
        var examples: [String] = []

        var description: String {
            "\(positions) positions, \(exact) exact, \(wrong) wrong (\(wrongUnmarked) unmarked), \(short) short, "
                + "\(restarted) restarted, \(frames) frames\n" + examples.joined(separator: "\n")
        }
    }

    /// The C program that steps, and writes registers, stack and true return addresses.
    static let helper = #"""
        #define _GNU_SOURCE
        #include <stdint.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <unistd.h>
        #include <signal.h>
        #include <sys/ptrace.h>
        #include <sys/uio.h>
        #include <sys/user.h>
        #include <sys/wait.h>
        static uint64_t slots[65536], addresses[65536]; static size_t depth;
        static unsigned char stack[65536];
        static void put(const void *p, size_t n) { if (fwrite(p, 1, n, stdout) != n) exit(3); }
        static void word(uint64_t w) { put(&w, 8); }
        static ssize_t peek(pid_t pid, uint64_t from, void *to, size_t n) {
            struct iovec l = {to, n}, r = {(void *)from, n};
            return process_vm_readv(pid, &l, 1, &r, 1, 0);
        }
        static void maps(pid_t pid) {
            static char text[1 << 16]; char path[64];
            snprintf(path, sizeof path, "/proc/%d/maps", pid);
            FILE *f = fopen(path, "r"); if (!f) return;
            size_t n = fread(text, 1, sizeof text, f); fclose(f);
            word(1); word(n); put(text, n);
        }
        int main(int argc, char **argv) {
            uint64_t skip = strtoull(argv[1], 0, 10), limit = strtoull(argv[2], 0, 10);
            pid_t pid = fork();
            if (pid == 0) {
                char *env[] = {argv[3][0] == 'n' ? "LD_BIND_NOW=1" : "A=1", 0};
                if (!freopen("/dev/null", "w", stdout)) _exit(1);
                ptrace(PTRACE_TRACEME, 0, 0, 0);
                execve(argv[4], argv + 4, env); _exit(127);
            }
            int status; waitpid(pid, &status, 0);
            maps(pid);
            int deliver = 0; uint64_t done = 0;
            for (uint64_t n = 0; done < limit && WIFSTOPPED(status); n++) {
                struct user_regs_struct r;
                if (ptrace(PTRACE_GETREGS, pid, 0, &r)) break;
                unsigned char code[16] = {0};
                if (peek(pid, r.rip, code, 16) < 0) peek(pid, r.rip, code, 16 - 0);
                if (n >= skip) {
                    uint64_t room = 65520; ssize_t got = -1;
                    while (room >= 16 && (got = peek(pid, r.rsp, stack, room)) < 0) room /= 2;
                    uint64_t high = 0;
                    // process_vm_readv stops at the first unmapped page.
                    if (got < 0) got = 0;
                    word(2);
                    word(r.rax); word(r.rdx); word(r.rcx); word(r.rbx); word(r.rsi); word(r.rdi); word(r.rbp);
                    word(r.rsp); word(r.r8); word(r.r9); word(r.r10); word(r.r11); word(r.r12); word(r.r13);
                    word(r.r14); word(r.r15); word(r.rip);
                    word(got); put(stack, got); word(depth);
                    for (size_t i = depth; i-- > 0;) word(addresses[i]);
                    (void)high; done++;
                }
                int p = 0; while (code[p] == 0xf2 || code[p] == 0xf3 || code[p] == 0x3e || code[p] == 0x66 || code[p] == 0x67) p++;
                int rex = (code[p] & 0xf0) == 0x40 ? p + 1 : p;
                int call = code[p] == 0xe8 || (code[rex] == 0xff && ((code[rex + 1] >> 3) & 7) == 2);
                int ret = code[p] == 0xc3 || code[p] == 0xc2;
                int call_system = code[0] == 0x0f && code[1] == 0x05;
                int sigreturn = call_system && r.rax == 15;
                if (ptrace(PTRACE_SINGLESTEP, pid, 0, deliver)) break;
                int delivered = deliver; deliver = 0;
                waitpid(pid, &status, 0);
                if (!WIFSTOPPED(status)) break;
                struct user_regs_struct a;
                if (ptrace(PTRACE_GETREGS, pid, 0, &a)) break;
                if (WSTOPSIG(status) != SIGTRAP) { deliver = WSTOPSIG(status); }
                if (delivered) {
                    uint64_t restorer = 0; peek(pid, a.rsp, &restorer, 8);
                    addresses[depth] = r.rip; slots[depth++] = 0;
                    addresses[depth] = restorer; slots[depth++] = a.rsp;
                    continue;
                }
                if (call && a.rip != r.rip) {
                    uint64_t to = 0; peek(pid, a.rsp, &to, 8);
                    addresses[depth] = to; slots[depth++] = a.rsp;
                } else if (ret && depth && slots[depth - 1] == r.rsp) depth--;
                else if (sigreturn && depth) depth--;
                else if (ret) while (depth && slots[depth - 1] && slots[depth - 1] < a.rsp) depth--;
                if (call_system && (r.rax == 9 || r.rax == 10 || r.rax == 11)) maps(pid);
                if (depth > 60000) break;
            }
            word(0);
            kill(pid, SIGKILL);
            return 0;
        }
        """#

    /// Steps through `program` (path and arguments), checking `limit` positions after the first `skip`.
    static func run(helper: String, program: String, skip: Int, limit: Int) throws -> Tally {
        var tally = Tally()
        var unwinder = Unwinder()
        var frames = FrameBuffer()
        try follow(helper: helper, program: program, skip: skip, limit: limit) {
            registers, stack, truth, space, modules in
            let place = Address(registers[16] ?? 0)
            let expected = [place.value] + truth
            let end = unwinder.unwind(
                registers: registers, stack: stack.rawSpan, in: space, spaceID: 1, modules: modules, into: &frames)
            tally.positions += 1
            let found = frames.addresses
            tally.frames += found.count
            var common = 0
            while common < min(found.count, expected.count), found[common].value == expected[common] { common += 1 }
            var guessed = false
            for position in 0..<found.count where frames.flags[position].contains(.guessed) { guessed = true }
            if common == found.count, common == expected.count, end.isComplete {
                tally.exact += 1
                return
            }
            if common < found.count {
                tally.wrong += 1
                if !guessed { tally.wrongUnmarked += 1 }
            } else {
                tally.short += 1
            }
            if tally.examples.count < 12 {
                tally.examples.append(
                    "at \(describe(place, space, modules)): \(end) after \(common) of \(expected.count), found "
                        + "\(found.count), at \(common > 0 ? describe(found[common - 1], space, modules) : "?")")
            }
        }
        tally.restarted = unwinder.counts.restarted
        return tally
    }

    /// Steps through `program` and hands out registers and stacks; the mappings at the end.
    static func record(
        helper: String, program: String, skip: Int, limit: Int, receive: (RegisterSet, [UInt8]) -> Void
    ) throws -> (AddressSpace, ModuleTable) {
        var last: (AddressSpace, ModuleTable)?
        try follow(helper: helper, program: program, skip: skip, limit: limit) { registers, stack, _, space, modules in
            receive(registers, stack)
            last = (space, modules)
        }
        return last ?? (AddressSpace(), ModuleTable())
    }

    private static func follow(
        helper: String, program: String, skip: Int, limit: Int,
        receive: (RegisterSet, [UInt8], [UInt64], AddressSpace, ModuleTable) -> Void
    ) throws {
        let command = "\(helper) \(skip) \(limit) l \(program) 2>/dev/null"
        guard let stream = unsafe popen(command, "r") else { throw SystemError.last("popen") }
        defer { unsafe _ = pclose(stream) }
        let modules = ModuleTable()
        var ids: [String: ModuleID] = [:]
        var space = AddressSpace()
        func bytes(_ count: Int) -> [UInt8]? {
            guard count > 0 else { return [] }
            var buffer = [UInt8](repeating: 0, count: count)
            return unsafe fread(&buffer, 1, count, stream) == count ? buffer : nil
        }
        func word() -> UInt64? {
            guard let raw = bytes(8) else { return nil }
            var reader = ByteReader(raw.rawSpan)
            return try? reader.read(UInt64.self)
        }
        while let kind = word(), kind != 0 {
            if kind == 1 {
                guard let count = word(), let text = bytes(Int(count)) else { break }
                space.removeAll()
                MapsText.fill(&space, from: text, modules: modules, ids: &ids)
                continue
            }
            guard let raw = bytes(17 * 8), let size = word(), let stack = bytes(Int(size)), let depth = word(),
                let addresses = bytes(Int(depth) * 8)
            else { break }
            var registers = RegisterSet(machine: .x86_64)
            var reader = ByteReader(raw.rawSpan)
            for number in 0..<17 { registers[number] = try reader.read(UInt64.self) }
            var truth: [UInt64] = []
            var truthReader = ByteReader(addresses.rawSpan)
            for _ in 0..<Int(depth) { truth.append(try truthReader.read(UInt64.self)) }
            receive(registers, stack, truth, space, modules)
        }
    }

    static func describe(_ address: Address, _ space: AddressSpace, _ modules: ModuleTable) -> String {
        guard let mapping = space.lookup(address), let id = mapping.module,
            let file = modules[id].image.fileAddress(
                for: FileOffset(mapping.fileOffset.value + address.value - mapping.range.lowerBound.value))
        else { return "\(address)" }
        return "\(modules[id].displayName)+\(file)"
    }
}
