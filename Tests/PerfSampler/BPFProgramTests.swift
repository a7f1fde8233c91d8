import Testing

@testable import PerfSampler

struct BPFProgramTests {
    @Test
    func `Instructions are encoded as the kernel's macros of bpf_insn encode them`() {
        var program = BPFProgram()
        program.move(.r1, to: .r6)
        program.set(.r1, toMap: 5)
        program.set(.r2, toStack: -4)
        program.load(.r1, .r6, 32, byteCount: 8)
        program.load(.r1, .r6, 8, byteCount: 4)
        program.and(.r1, 0x1_0000)
        program.shiftRight(.r0, by: 32)
        program.store(.r0, toStack: -4)
        program.store(1, toStack: -8)
        program.atomicAdd(.r1, to: .r0)
        program.call(.lookUp)
        program.end(with: -1)
        #expect(
            program.instructions == [
                0x0000_0000_0000_16bf,  // BPF_MOV64_REG(R6, R1)
                0x0000_0005_0000_1118, 0,  // BPF_LD_MAP_FD(R1, 5)
                0x0000_0000_0000_a2bf, 0xffff_fffc_0000_0207,  // R2 = R10; R2 += -4
                0x0000_0000_0020_6179,  // BPF_LDX_MEM(DW, R1, R6, 32)
                0x0000_0000_0008_6161,  // BPF_LDX_MEM(W, R1, R6, 8)
                0x0001_0000_0000_0157,  // BPF_ALU64_IMM(AND, R1, 0x10000)
                0x0000_0020_0000_0077,  // BPF_ALU64_IMM(RSH, R0, 32)
                0x0000_0000_fffc_0a63,  // BPF_STX_MEM(W, R10, R0, -4)
                0x0000_0001_fff8_0a62,  // BPF_ST_MEM(W, R10, -8, 1)
                0x0000_0000_0000_10db,  // BPF_ATOMIC_OP(DW, ADD, R0, R1, 0)
                0x0000_0001_0000_0085,  // BPF_EMIT_CALL(map_lookup_elem)
                0xffff_ffff_0000_00b7, 0x0000_0000_0000_0095,  // R0 = -1; EXIT
            ])
    }

    @Test
    func `Every jump leads to the end of the program`() throws {
        let format = try #require(TracepointFormat(parsing: TracepointFormatTests.newTask))
        let programs = [
            TaskFilter.filter(.processes, tasks: 3), TaskFilter.filter(.threads, tasks: 3),
            try #require(TaskFilter.follower(format, tasks: 3, overflow: 4)),
            try #require(TaskFilter.remover(format, tasks: 3)),
        ]
        for program in programs {
            let instructions = program.instructions
            #expect(instructions.last == 0x95)
            for (index, instruction) in instructions.enumerated() where [0x15, 0x55].contains(instruction & 0xff) {
                let target = index + 1 + Int(instruction >> 16 & 0xffff)
                #expect(target == instructions.count - 1 || instructions[target] == 0xb7)
            }
        }
    }

    @Test
    func `A tracepoint without the fields that are needed gives no program`() throws {
        let format = try #require(TracepointFormat(parsing: "ID: 7\n"))
        #expect(TaskFilter.follower(format, tasks: 3, overflow: 4) == nil)
        #expect(TaskFilter.remover(format, tasks: 3) == nil)
    }
}

struct TracepointFormatTests {
    static let newTask = """
        name: task_newtask
        ID: 205
        format:
        \tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;
        \tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;

        \tfield:pid_t pid;\toffset:8;\tsize:4;\tsigned:1;
        \tfield:char comm[16];\toffset:12;\tsize:16;\tsigned:0;
        \tfield:unsigned long clone_flags;\toffset:32;\tsize:8;\tsigned:0;

        print fmt: "pid=%d", REC->pid
        """

    @Test
    func `The number and the fields of a tracepoint are read from its format`() throws {
        let format = try #require(TracepointFormat(parsing: Self.newTask))
        #expect(format.identifier == 205)
        #expect(format["pid"] == .init(offset: 8, byteCount: 4))
        #expect(format["clone_flags"] == .init(offset: 32, byteCount: 8))
        #expect(format["comm"] == nil)
    }

    @Test(arguments: [
        "", "ID:", "ID: x", "ID: 99999999999999999999", "field:pid_t pid;\toffset:8;\tsize:4;",
    ])
    func `A format without a number is refused`(text: String) {
        #expect(TracepointFormat(parsing: text) == nil)
    }

    @Test
    func `Fields at impossible places are left out`() throws {
        let format = try #require(
            TracepointFormat(
                parsing:
                    "ID: 1\nfield:int a; offset:-1; size:4;\nfield:int b; offset:99999; size:4;\nfield:int c; size:4;"
            ))
        for name in ["a", "b", "c"] { #expect(format[name] == nil) }
    }
}
