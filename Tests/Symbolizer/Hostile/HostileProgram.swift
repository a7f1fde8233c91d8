import Glibc
import Primitives
import Testing

@testable import Symbolizer

/// Programs whose debug information is made to crash or hang whoever reads it. Each runs: its time is spent in `hot_loop`.
enum HostileProgram: String, CaseIterable {
    /// Calls inlined into each other, 100 000 deep.
    case deepTree
    /// Two functions that are each other's abstract origin, and a third its own specification.
    case originCycle
    /// A `.debug_line` of 4 GB, compressed to 4 MB, in a form that every size check must believe.
    case inflatedLines
    /// A `.debug_line` that really has 4 GB, of a file with a hole.
    case sparseLines
    /// A line program of 256 million rows, compressed.
    case manyRows
    /// A Swift symbol of 200 bytes whose readable form has terabytes.
    case doublingSymbol
    /// A Swift symbol of 200 KB that nests as deep as it is long.
    case longSymbol
    /// A debug link to a pipe that nobody writes into.
    case pipeLink

    static let isAvailable =
        CompiledPrograms.has("gcc") && CompiledPrograms.has("python3")
        && CompiledPrograms.has("objcopy")

    /// Builds the program called `name` in `programs`.
    func make(in programs: CompiledPrograms, name: String) throws -> String {
        let path = try programs.compile(assembly, "gcc -no-pie -x assembler", name: name, language: "s")
        guard let change else { return path }
        let script = programs.folder + "/change.py"
        let file = try FileDescriptor(opening: script, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
        try file.write(Array((Self.library + change).utf8).rawSpan)
        try #require(CompiledPrograms.shell("python3 \(script) \(path)"))
        return path
    }

    /// The name of the symbol around `hot_loop`, which every program keeps.
    var symbol: String {
        switch self {
        case .doublingSymbol: "$s" + (0..<25).reduce("SDyS2iG") { "SDy\($0)A\(UnicodeScalar(UInt8(65 + $1)))G" } + "N"
        case .longSymbol:
            "$s" + String(repeating: "Say", count: 50_000) + "Si" + String(repeating: "G", count: 50_000) + "N"
        default: "hot_loop"
        }
    }

    /// `main` spends a second of CPU, or as many milliseconds as the first argument says, in `hot_loop`.
    private var assembly: String {
        """
        .text
        .globl main, "\(symbol)"
        .type main, @function
        .type "\(symbol)", @function
        .Lhot_start:
        "\(symbol)":
            .cfi_startproc
            mov $2000000, %rcx
        1:  dec %rcx
            jnz 1b
            ret
            .cfi_endproc
        .Lhot_end:
        .size "\(symbol)", . - "\(symbol)"
        main:
            .cfi_startproc
            push %rbx
            .cfi_adjust_cfa_offset 8
            .cfi_offset %rbx, -16
            mov $400, %ebx
        2:  call "\(symbol)"
            dec %ebx
            jnz 2b
            xor %eax, %eax
            pop %rbx
            .cfi_adjust_cfa_offset -8
            ret
            .cfi_endproc
        .size main, . - main
        .section .note.GNU-stack,"",@progbits
        \(debugInformation)

        """
    }

    private var debugInformation: String {
        switch self {
        case .pipeLink: ""
        case .doublingSymbol, .longSymbol:
            Self.sections(
                lines: ".section .debug_line\n",
                entries: """
                    .uleb128 6
                    .asciz "hot_loop"
                    .byte 7
                    .quad .Lhot_start
                    .quad .Lhot_end - .Lhot_start
                    """)
        case .deepTree:
            Self.sections(
                lines: "",
                entries: """
                    .Lorigin: .uleb128 4
                    .asciz "inner"
                    .uleb128 2
                    .asciz "hot_loop"
                    .quad .Lhot_start
                    .quad .Lhot_end - .Lhot_start
                    .rept 100000
                    .uleb128 3
                    .long .Lorigin - .Linfo
                    .quad .Lhot_start
                    .quad .Lhot_end - .Lhot_start
                    .endr
                    .rept 100000
                    .byte 0
                    .endr
                    .byte 0
                    """)
        case .originCycle:
            Self.sections(
                lines: "",
                entries: """
                    .La: .uleb128 3
                    .long .Lb - .Linfo
                    .quad .Lhot_start
                    .quad .Lhot_end - .Lhot_start
                    .byte 0
                    .Lb: .uleb128 3
                    .long .La - .Linfo
                    .quad .Lhot_start
                    .quad .Lhot_end - .Lhot_start
                    .byte 0
                    .Lc: .uleb128 5
                    .long .Lc - .Linfo
                    .quad .Lhot_start
                    .quad .Lhot_end - .Lhot_start
                    """)
        case .inflatedLines, .sparseLines, .manyRows:
            Self.sections(
                lines: ".section .debug_line\n.byte 0\n",
                entries: """
                    .uleb128 2
                    .asciz "hot_loop"
                    .quad .Lhot_start
                    .quad .Lhot_end - .Lhot_start
                    .byte 0
                    """)
        }
    }

    /// One unit of DWARF 4 around `entries`.
    private static func sections(lines: String, entries: String) -> String {
        """
        .section .debug_info
        .Linfo: .long .Linfo_end - .Linfo_start
        .Linfo_start: .short 4
        .long 0
        .byte 8
        .uleb128 1
        .asciz "hostile.s"
        .quad .Lhot_start
        .quad .Lhot_end - .Lhot_start
        .long 0
        \(entries)
        .byte 0
        .Linfo_end:
        .section .debug_abbrev
        # 1: compile unit: name, low_pc, high_pc as data8, stmt_list
        .byte 1, 0x11, 1, 0x03, 0x08, 0x11, 0x01, 0x12, 0x07, 0x10, 0x17, 0, 0
        # 2: subprogram with children: name, low_pc, high_pc
        .byte 2, 0x2e, 1, 0x03, 0x08, 0x11, 0x01, 0x12, 0x07, 0, 0
        # 3: inlined subroutine with children: abstract_origin as ref4, low_pc, high_pc
        .byte 3, 0x1d, 1, 0x31, 0x13, 0x11, 0x01, 0x12, 0x07, 0, 0
        # 4: subprogram: name
        .byte 4, 0x2e, 0, 0x03, 0x08, 0, 0
        # 5: subprogram: specification as ref4, low_pc, high_pc
        .byte 5, 0x2e, 0, 0x47, 0x13, 0x11, 0x01, 0x12, 0x07, 0, 0
        # 6: subprogram: name, decl_line as data1, low_pc, high_pc
        .byte 6, 0x2e, 0, 0x03, 0x08, 0x3b, 0x0b, 0x11, 0x01, 0x12, 0x07, 0, 0
        .byte 0
        \(lines)
        """
    }

    /// What a script does to the linked program; nil for nothing.
    private var change: String? {
        switch self {
        case .deepTree, .originCycle, .doublingSymbol, .longSymbol: nil
        case .inflatedLines: "compressed(b'', bytes(1 << 20), 4096)"
        case .manyRows:
            // Special opcodes, each a row; what claims to be behind the header is all there.
            "compressed(header((1 << 28) + 10), b'\\x4b' * (1 << 20), 256)"
        case .sparseLines:
            """
            at = place(0)
            start = os.path.getsize(path)
            file.seek(start)
            file.write(header((1 << 32) - 200))
            file.truncate(start + (1 << 32))
            set_place(at, start, 1 << 32)
            """
        case .pipeLink:
            """
            import subprocess
            open(path + '.debug', 'wb').write(b'x')
            subprocess.check_call(['objcopy', '--add-gnu-debuglink=' + path + '.debug', path])
            os.unlink(path + '.debug')
            os.mkfifo(path + '.debug')
            """
        }
    }

    /// What the scripts share: where `.debug_line` is, what a line program begins with, and streams of any length.
    private static let library = #"""
        import os, struct, sys, zlib
        path = sys.argv[1]
        file = open(path, 'r+b')
        data = file.read()
        table, = struct.unpack_from('<Q', data, 40)
        count, names = struct.unpack_from('<HH', data, 60)
        def place(flags):
            home, = struct.unpack_from('<Q', data, table + names * 64 + 24)
            for at in range(table, table + count * 64, 64):
                name, = struct.unpack_from('<I', data, at)
                if data[home + name:].startswith(b'.debug_line\0'):
                    file.seek(at + 8)
                    file.write(struct.pack('<Q', flags))
                    return at
            sys.exit('no .debug_line')
        def set_place(at, offset, size):
            file.seek(at + 24)
            file.write(struct.pack('<QQ', offset, size))
        def header(length):
            # DWARF 4, 64-bit: version, header length, minimum, maximum, default, base -5, range 14, 13 opcodes, one file
            rest = bytes([1, 1, 1, 0xfb, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1]) + b'\0' + b'a.c\0\0\0\0' + b'\0'
            return struct.pack('<IQHQ', 0xffffffff, length, 4, len(rest)) + rest
        def compressed(first, block, times):
            # Blocks flushed in full are independent of each other: one can be repeated as it is.
            deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
            head = deflate.compress(first) + deflate.flush(zlib.Z_FULL_FLUSH)
            middle = deflate.compress(block) + deflate.flush(zlib.Z_FULL_FLUSH)
            stream = b'\x78\xda' + head + middle * times + b'\x03\0' + struct.pack('>I', 1)
            size = len(first) + len(block) * times
            at = place(0x800)
            start = os.path.getsize(path)
            file.seek(start)
            file.write(struct.pack('<IIQQ', 1, 0, size, 1) + stream)
            set_place(at, start, 24 + len(stream))

        """#
}
