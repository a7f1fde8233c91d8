import ELF
import Primitives
import Testing

@testable import StackUnwinder

/// The traps that unwinders have fallen into, one test each; docs/internals.md lists them.
@Suite(.serialized, .enabled(if: CompiledPrograms.has("gcc"), "needs gcc"))
struct TrapTests {
    private static let source = """
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        int main(int argc, char **argv) { puts(argv[0]); return strlen(argv[0]) + atoi(argv[0]); }
        """

    private func module(_ path: String) throws -> UnwindModule {
        UnwindModule(try ElfImage(reading: try FileDescriptor(opening: path)), displayName: path)
    }

    private func compiled(_ command: String, name: String = "target", in programs: CompiledPrograms) throws
        -> UnwindModule
    {
        try module(programs.compile(Self.source, command, name: name))
    }

    // MARK: 1

    @Test func `a slot below the stack pointer means that its register is back`() throws {
        var registers = RegisterSet(machine: .x86_64)
        registers[6] = 0x1234
        registers[7] = 0x7000
        registers[16] = 0x40_0000
        let stack: [UInt8] = [0x10, 0x20, 0x40, 0, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 8)
        try unsafe stack.withUnsafeBytes { buffer in
            let walk = StackWalk(
                layout: .x86_64, memory: unsafe StackMemory(buffer, start: 0x7000), modules: ModuleTable(), spaceKey: 0,
                isWholeStack: false)
            var frame = FrameState(registers, programCounter: 0x40_0000, stackPointer: 0x7000, layout: .x86_64)
            // Behind pop %rbp, with the row still saying that it is at CFA - 16.
            #expect(walk.leave(&frame, by: UnwindRule(.stackPointer, offset: 8, framePointerSlot: -2)) == nil)
            #expect(frame.programCounter == 0x40_2010 && frame.framePointer == 0x1234)
            var row = CfiRow()
            row.cfaRegister = 7
            row.cfa = RegisterRule(kind: .offset, value: 8)
            row.set(6, .offset, -16)
            row.set(16, .offset, -8)
            var common = CommonInformation()
            common.returnRegister = 16
            let result = try GeneralStep.leave(
                registers, by: row, common: common,
                section: #require(CfiSection(format: .ehFrame, bytes: [], address: 0, dataBase: 0)), bias: 0,
                memory: walk.memory,
                layout: .x86_64)
            #expect(result.registers[16] == 0x40_2010 && result.registers[6] == 0x1234)
        }
    }

    // MARK: 2

    /// A linkage table as one linker writes it: where the instructions of its entries begin, and the bytes that are on the
    /// stack there, the return address included.
    struct LinkageTable: CustomTestStringConvertible, Sendable {
        var linker: String
        var options = "-fcf-protection=none"
        /// From which byte of an entry on its unwind information tells of two words; nil where it has none.
        var split: Int64?
        var first: [UInt64: Int64] = [0: 16, 6: 24]
        var entry: [UInt64: Int64]
        var firstByteCount: UInt64 = 16
        /// The table that calls lead to, when it is another one.
        var second: [UInt64: Int64] = [:]
        var testDescription: String { "\(linker) \(options)" }
    }

    static let linkageTables = [
        // jmp *slot(%rip); push $index; jmp PLT0
        LinkageTable(linker: "bfd", split: 11, entry: [0: 8, 6: 8, 11: 16]),
        LinkageTable(linker: "bfd", options: "-fcf-protection=full", split: 11, entry: [0: 8, 6: 8, 11: 16]),
        // endbr64; push $index; jmp PLT0, and endbr64; jmp *slot(%rip)
        LinkageTable(
            linker: "bfd", options: "-fcf-protection=full -Wl,-z,ibtplt", split: 9, entry: [0: 8, 4: 8, 9: 16],
            second: [0: 8, 4: 8]),
        LinkageTable(linker: "gold", split: 11, entry: [0: 8, 6: 8, 11: 16]),
        LinkageTable(linker: "lld", split: nil, entry: [0: 8, 6: 8, 11: 16]),
        // endbr64; mov $index, %r11d; jmp *slot(%rip), and for the first endbr64; push %r11; push; jmp
        LinkageTable(
            linker: "mold", split: nil, first: [0: 8, 4: 8, 6: 16, 12: 24], entry: [0: 8, 4: 8, 10: 8],
            firstByteCount: 32),
    ]

    @Test(arguments: linkageTables)
    func `at every instruction of a linkage table the rule tells what is on the stack`(table: LinkageTable) throws {
        let isThere =
            table.linker == "lld" ? CompiledPrograms.has("ld.lld") : CompiledPrograms.has("ld.\(table.linker)")
        guard isThere else { return }
        let programs = try CompiledPrograms()
        let module = try compiled(
            "gcc -O2 -s -fuse-ld=\(table.linker) -Wl,-z,lazy \(table.options)", in: programs)
        let section = try #require(module.image.section(named: ".plt"))
        let address = section.address.value
        func depth(_ address: UInt64) -> Int64? {
            let rule = module.rule(at: address, isReturn: false)
            switch rule.kind {
            case .stackPointer: return rule.offset
            case .plt: return Int64(address & 15) >= rule.offset ? 16 : 8
            default: return nil
            }
        }
        for (offset, expected) in table.first { #expect(depth(address + offset) == expected, "PLT0 + \(offset)") }
        var entries: UInt64 = 0
        for start in stride(from: address + table.firstByteCount, to: address + section.size, by: 16) {
            entries += 1
            for (offset, expected) in table.entry { #expect(depth(start + offset) == expected, "entry + \(offset)") }
            for offset: UInt64 in 0..<16 {
                let rule = module.tableRule(at: start + offset)
                #expect(rule == table.split.map { UnwindRule(.plt, offset: Int32($0)) } ?? .none)
            }
        }
        #expect(entries >= 3)
        guard !table.second.isEmpty else { return }
        let second = try #require(module.image.section(named: ".plt.sec"))
        for start in stride(from: second.address.value, to: second.address.value + second.size, by: 16) {
            for (offset, expected) in table.second {
                #expect(depth(start + offset) == expected, ".plt.sec + \(offset)")
            }
        }
    }

    @Test func `stubs of indirect functions in static programs have no unwind information and are left all the same`()
        throws
    {
        let programs = try CompiledPrograms()
        let module = try compiled("gcc -O2 -static", in: programs)
        let stubs = try #require(module.image.section(named: ".plt"))
        var address = stubs.address.value
        // endbr64; jmp *slot(%rip), or without endbr64, in entries of 16 bytes.
        while address < stubs.address.value + stubs.size {
            #expect(module.tableRule(at: address) == .none)
            #expect(module.rule(at: address, isReturn: false) == UnwindRule(.stackPointer, offset: 8))
            address += 16
        }
    }

    // MARK: 3

    @Test func `the loader's resolver keeps its stack pointer in rbx and needs all registers`() throws {
        let loader = try #require(
            ["/lib64/ld-linux-x86-64.so.2", "/lib/ld-musl-x86_64.so.1"].first {
                (try? FileDescriptor(opening: $0)) != nil
            })
        let module = try module(loader)
        let text = try #require(module.image.section(named: ".text"))
        let frames = (text.address.value..<text.address.value + text.size).filter {
            module.tableRule(at: $0) == .general && module.row(at: $0)?.row.cfaRegister == 3
        }
        // That such frames are left, and exactly, is what the step oracle shows at the calls that it restarts at.
        #expect(frames.count > 20)
    }

    // MARK: 4

    @Test func `an interrupted address is looked up as it is`() throws {
        let programs = try CompiledPrograms()
        let helper = try programs.compile(StepOracle.helper, "gcc -O2", name: "helper")
        // Interrupted at the first instruction of a function: one byte less would be another function's end.
        let path = try programs.compile(
            #"""
            #define _GNU_SOURCE
            #include <signal.h>
            #include <sys/syscall.h>
            #include <ucontext.h>
            volatile int hits;
            __asm__(".type first, @function\nfirst:\n.cfi_startproc\nud2\nret\n.cfi_endproc\n.size first, . - first");
            void first(void);
            static void handler(int number, siginfo_t *info, void *context) {
                hits++;
                ((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] += 2;
            }
            int main(void) {
                struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
                sigaction(SIGILL, &action, 0);
                __asm__ volatile("int3");
                for (int i = 0; i < 3; i++) first();
                __asm__ volatile("syscall" :: "a"(SYS_exit_group), "D"(0));
                return 0;
            }
            """#, "gcc -O1 -fomit-frame-pointer", name: "target")
        let tally = try StepOracle.run(helper: helper, program: path, skip: nil, limit: 300)
        // Behind the handler's change of the context, the context counts.
        #expect(tally.exact == tally.positions, "\(tally)")
        #expect(tally.positions > 30)
    }

    // MARK: 5

    @Test func `stacks end at entry points, thread starts, goexit and the loader's first code`() throws {
        let programs = try CompiledPrograms()
        for options in ["gcc -O2", "gcc -O2 -s", "gcc -O2 -static", "gcc -O2 -static -s"] {
            let program = try compiled(options, name: "program", in: programs)
            #expect(program.rule(at: program.image.entry.value + 8, isReturn: true).kind == .root, "\(options)")
        }
        let loader = try module("/lib64/ld-linux-x86-64.so.2")
        #expect(loader.rule(at: loader.image.entry.value + 7, isReturn: true).kind == .root)
        let libc = try module(#require(CfiRowTests.libc))
        let text = try #require(libc.image.section(named: ".text"))
        let starts = stride(from: text.address.value, to: text.address.value + text.size, by: 1)
            .filter { libc.tableRule(at: $0).kind == .root }
        // The first code of a thread behind clone and clone3.
        #expect(starts.count > 10)
        #expect(FunctionIndex.role(ofFunction: "runtime.goexit") == .root)
        for name in ["runtime.systemstack", "runtime.mcall", "runtime.morestack", "runtime.mstart"] {
            #expect(FunctionIndex.role(ofFunction: name) == .scheduler)
        }
    }

    // MARK: 6

    @Test(.enabled(if: CompiledPrograms.has("clang") && CompiledPrograms.has("ld.lld"), "needs clang and lld"))
    func `code whose place in the file is not its address is found`() throws {
        let programs = try CompiledPrograms()
        let module = try compiled("clang -O2 -fuse-ld=lld", in: programs)
        let segment = try #require(module.image.segments.first { $0.isLoad && $0.isExecutable })
        #expect(segment.offset.value != segment.address.value)
        let entry = module.image.entry
        let offset = try #require(module.image.fileOffset(for: entry))
        #expect(offset.value != entry.value)
        #expect(module.image.fileAddress(for: offset) == entry)
        // The kernel maps whole pages, so that the code's first page begins with something else.
        let page = FileOffset(segment.offset.value & ~4_095)
        #expect(module.image.fileAddress(for: page)?.value == segment.address.value - (segment.offset.value & 4_095))
    }

    // MARK: 7

    @Test func `the header says which unwind information counts, not its name`() throws {
        let programs = try CompiledPrograms()
        let path = try programs.compile(Self.source, "gcc -O2", name: "plain")
        let other = programs.folder + "/other"
        // As BOLT leaves the section of old beside its own, but with the names the other way round.
        try #require(
            CompiledPrograms.shell(
                "objcopy --dump-section .text=\(programs.folder)/junk \(path) && objcopy --rename-section .eh_frame=.new"
                    + " --add-section .eh_frame=\(programs.folder)/junk --add-section .bolt.org.eh_frame=\(programs.folder)/junk"
                    + " \(path) \(other)"))
        let expected = try module(path)
        let module = try module(other)
        #expect(module.image.section(named: ".eh_frame") != nil)
        let text = try #require(expected.image.section(named: ".text"))
        let addresses = text.address.value..<text.address.value + text.size
        #expect(addresses.contains { expected.tableRule(at: $0) != .none })
        #expect(addresses.allSatisfy { module.tableRule(at: $0) == expected.tableRule(at: $0) })
    }

    // MARK: 8

    /// A function for each register that assembly has for its CFA, one with an expression as GCC writes for realigned frames.
    private static let assembly = #"""
        #define LEAF(name, number) __asm__( \
            ".globl leaf_" #name "\n.type leaf_" #name ", @function\nleaf_" #name ":\n.cfi_startproc\nmov %rsp, %" #name "\n" \
            ".cfi_def_cfa_register " #number "\npush %rbx\n.cfi_offset 3, -16\nsub $512, %rsp\nand $-64, %rsp\nnop\nxor %ebx, %ebx\n" \
            "mov -8(%" #name "), %rbx\nmov %" #name ", %rsp\n.cfi_def_cfa_register 7\n.cfi_restore 3\nret\n.cfi_endproc\n" \
            ".size leaf_" #name ", . - leaf_" #name "\n"); void leaf_##name(void);
        LEAF(rax, 0) LEAF(r9, 9) LEAF(r10, 10) LEAF(r11, 11) LEAF(r15, 15)
        #include <alloca.h>
        #include <string.h>
        volatile long sink;
        __attribute__((noinline)) long aligned(int n, int a, int b, int c, int d, int e, long f) {
            volatile char bytes[64] __attribute__((aligned(64)));
            char *more = alloca(n * 16 + 16);
            memset(more, n, n * 16);
            bytes[n & 63] = more[3];
            return bytes[n & 63] + f;
        }
        int main(void) {
            __asm__ volatile("int3");
            for (int i = 0; i < 3; i++) {
                leaf_rax(); leaf_r9(); leaf_r10(); leaf_r11();
                __asm__ volatile("call leaf_r15" ::: "r15", "rbx", "memory");
                sink += aligned(i, 1, 2, 3, 4, 5, 6);
            }
            __asm__ volatile("syscall" :: "a"(231), "D"(0));
            return 0;
        }
        """#

    @Test func `frames are left whatever register or expression their CFA is`() throws {
        let programs = try CompiledPrograms()
        let helper = try programs.compile(StepOracle.helper, "gcc -O2", name: "helper")
        let path = try programs.compile(
            Self.assembly, "gcc -O2 -mno-red-zone -fomit-frame-pointer", name: "target")
        let module = try module(path)
        let text = try #require(module.image.section(named: ".text"))
        let rows = (text.address.value..<text.address.value + text.size).compactMap { module.row(at: $0)?.row }
        #expect(Set(rows.map(\.cfaRegister)).isSuperset(of: [0, 7, 9, 10, 11, 15]))
        #expect(rows.contains { $0.cfaIsExpression })
        let tally = try StepOracle.run(helper: helper, program: path, skip: nil, limit: 2_000)
        #expect(tally.positions > 300)
        #expect(tally.exact == tally.positions, "\(tally)")
    }

    // MARK: 9

    @Test func `without unwind information only what lies behind a call is a return address`() throws {
        let programs = try CompiledPrograms()
        let path = try programs.compile(
            """
            __asm__(".skip 256, 0x90");
            __attribute__((noinline)) int leaf(int n) { return n * 3; }
            int main(int argc, char **argv) { return leaf(argc) + leaf(argc + 1); }
            """, "gcc -O1 -s -no-pie -fno-asynchronous-unwind-tables -fno-unwind-tables -fcf-protection=none",
            name: "bare")
        let modules = ModuleTable()
        let image = try ElfImage(reading: try FileDescriptor(opening: path))
        let id = modules.register(image, displayName: "bare")
        let segment = try #require(image.segments.first { $0.isLoad && $0.isExecutable })
        let text = try #require(image.section(named: ".text"))
        var space = AddressSpace()
        space.map(
            range: Address(segment.address.value)..<Address(segment.address.value + 0x1000), fileOffset: segment.offset,
            module: id, kind: .file)
        // Sampled in the middle of nowhere, with a frame pointer to a word that points into the code, but not behind a call.
        var registers = RegisterSet(machine: .x86_64)
        registers[6] = 0x7008
        registers[7] = 0x7000
        let counter = text.address.value + text.size - 200
        registers[16] = counter
        var stack: [UInt8] = []
        for word in [0, 0, text.address.value + text.size - 64, 0] {
            withUnsafeBytes(of: word) { unsafe stack.append(contentsOf: $0) }
        }
        var unwinder = Unwinder()
        var frames = FrameBuffer()
        let end = unwinder.unwind(
            registers: registers, stack: stack.rawSpan, in: space, spaceID: 1, modules: modules, into: &frames)
        #expect(frames.count == 1)
        #expect(end == .noUnwindInfo(Address(counter)))
    }
}
