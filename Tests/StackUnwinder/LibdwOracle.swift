import Glibc
import Primitives

@testable import StackUnwinder

/// Unwinds recorded samples with libdw's reader of unwind information and nothing else: a second opinion on every frame.
struct LibdwOracle {
    /// How a stack ended.
    enum End: UInt64 {
        case root, noMapping, noInformation, unreadable, invalid
    }

    struct Stack {
        var addresses: [UInt64]
        var end: End
    }

    /// What libdw makes of each sample.
    static func unwind(_ program: RecordedProgram, with programs: CompiledPrograms) throws -> [Stack] {
        let helper = try programs.compile(
            helper, "gcc -O2 $(pkg-config --cflags libdw)", name: "libdw-oracle", linking: "-ldw -lelf")
        let input = programs.folder + "/samples"
        try write(program, to: input)
        let bytes = CompiledPrograms.bytes("\(helper) <\(input)")
        var reader = ByteReader(bytes.rawSpan)
        var stacks: [Stack] = []
        while !reader.isAtEnd {
            let end = try reader.read(UInt64.self)
            let count = try reader.read(UInt64.self)
            var addresses: [UInt64] = []
            for _ in 0..<count { addresses.append(try reader.read(UInt64.self)) }
            guard let end = End(rawValue: end) else { break }
            stacks.append(Stack(addresses: addresses, end: end))
        }
        return stacks
    }

    private static func write(_ program: RecordedProgram, to path: String) throws {
        let file = try FileDescriptor(opening: path, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
        var bytes: [UInt8] = []
        func add(_ word: UInt64) { withUnsafeBytes(of: word) { unsafe bytes.append(contentsOf: $0) } }
        var written = 0
        for sample in program.samples {
            while written < sample.mappingCount {
                let mapping = program.mappings[written]
                let path = Array(mapping.path.utf8)
                for word in [
                    1, UInt64(mapping.spaceID), mapping.range.lowerBound.value, mapping.range.upperBound.value,
                    mapping.fileOffset.value, UInt64(path.count),
                ] { add(word) }
                bytes += path
                written += 1
            }
            add(2)
            add(UInt64(sample.spaceID))
            for number in 0..<17 { add(sample.registers[number] ?? 0) }
            add(UInt64(sample.stack.count))
            bytes += sample.stack
            if bytes.count > 1 << 20 {
                try file.write(bytes.rawSpan)
                bytes.removeAll(keepingCapacity: true)
            }
        }
        try file.write(bytes.rawSpan)
    }

    /// Reads mappings and samples, writes stacks.
    private static let helper = #"""
        #include <elfutils/libdw.h>
        #include <dwarf.h>
        #include <elf.h>
        #include <fcntl.h>
        #include <gelf.h>
        #include <stdint.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/auxv.h>

        typedef uint64_t word;
        struct file { char *path; Elf *elf; Dwarf_CFI *frames, *debugFrames; };
        struct mapping { word space, start, end, offset; struct file *file; };
        static struct file files[1024]; static int fileCount;
        static struct mapping mappings[65536]; static int mappingCount;
        static unsigned char *stack; static word stackStart, stackSize;
        static word registers[17]; static int known[17];

        static int get(void *p, size_t n) { return fread(p, 1, n, stdin) == n; }
        static void put(word w) { fwrite(&w, 8, 1, stdout); }

        static struct file *find(char *path) {
            for (int i = 0; i < fileCount; i++) if (!strcmp(files[i].path, path)) return &files[i];
            struct file *f = &files[fileCount++];
            f->path = path;
            if (!strcmp(path, "[vdso]")) {
                f->elf = elf_memory((char *)getauxval(AT_SYSINFO_EHDR), 8192);
            } else if (path[0] == '/') {
                int d = open(path, O_RDONLY);
                if (d >= 0) f->elf = elf_begin(d, ELF_C_READ, NULL);
            }
            if (f->elf) {
                f->frames = dwarf_getcfi_elf(f->elf);
                Dwarf *debug = dwarf_begin_elf(f->elf, DWARF_C_READ, NULL);
                if (debug) f->debugFrames = dwarf_getcfi(debug);
            }
            return f;
        }
        // The last mapping over an address counts.
        static struct mapping *lookup(word space, word address) {
            for (int i = mappingCount; i-- > 0;)
                if (mappings[i].space == space && mappings[i].start <= address && address < mappings[i].end)
                    return &mappings[i];
            return NULL;
        }
        static int toFile(struct mapping *m, word address, word *result) {
            size_t count = 0; word offset = address - m->start + m->offset;
            if (!m->file->elf || elf_getphdrnum(m->file->elf, &count)) return 0;
            for (size_t i = 0; i < count; i++) {
                GElf_Phdr h;
                if (!gelf_getphdr(m->file->elf, i, &h) || h.p_type != PT_LOAD || !(h.p_flags & PF_X)) continue;
                word first = h.p_offset & ~4095ull;
                if (offset < first || offset >= h.p_offset + h.p_filesz) continue;
                *result = offset - h.p_offset + h.p_vaddr;
                return 1;
            }
            return 0;
        }
        static int load(word address, word *result, int size) {
            *result = 0;
            if (address < stackStart || address - stackStart + size > stackSize) return 0;
            memcpy(result, stack + (address - stackStart), size);
            return 1;
        }
        // The value of an expression. 1: a value; 2: the address of one; 0: not to be had.
        static int evaluate(Dwarf_Op *ops, size_t n, word cfa, word bias, word *result) {
            word s[64]; int d = 0, isValue = 0;
            for (size_t i = 0, steps = 0; i < n; i++) {
                Dwarf_Op *o = &ops[i];
                if (++steps > 1000 || d > 60) return 0;
                int a = o->atom; word x, y;
                if (a >= DW_OP_lit0 && a <= DW_OP_lit31) { s[d++] = a - DW_OP_lit0; continue; }
                if (a >= DW_OP_breg0 && a <= DW_OP_breg31) {
                    int r = a - DW_OP_breg0;
                    if (r > 16 || !known[r]) return 0;
                    s[d++] = registers[r] + o->number; continue;
                }
                if (a >= DW_OP_reg0 && a <= DW_OP_reg31) {
                    int r = a - DW_OP_reg0;
                    if (r > 16 || !known[r]) return 0;
                    s[d++] = registers[r]; isValue = 1; continue;
                }
                switch (a) {
                case DW_OP_call_frame_cfa: s[d++] = cfa; break;
                case DW_OP_bregx: if (o->number > 16 || !known[o->number]) return 0;
                    s[d++] = registers[o->number] + o->number2; break;
                case DW_OP_regx: if (o->number > 16 || !known[o->number]) return 0;
                    s[d++] = registers[o->number]; isValue = 1; break;
                case DW_OP_addr: s[d++] = o->number + bias; break;
                case DW_OP_const1u: case DW_OP_const1s: case DW_OP_const2u: case DW_OP_const2s: case DW_OP_const4u:
                case DW_OP_const4s: case DW_OP_const8u: case DW_OP_const8s: case DW_OP_constu: case DW_OP_consts:
                    s[d++] = o->number; break;
                case DW_OP_deref: if (!load(s[d - 1], &s[d - 1], 8)) return 0; break;
                case DW_OP_deref_size: if (!load(s[d - 1], &s[d - 1], o->number)) return 0; break;
                case DW_OP_plus_uconst: s[d - 1] += o->number; break;
                case DW_OP_dup: s[d] = s[d - 1]; d++; break;
                case DW_OP_drop: d--; break;
                case DW_OP_swap: x = s[d - 1]; s[d - 1] = s[d - 2]; s[d - 2] = x; break;
                case DW_OP_plus: case DW_OP_minus: case DW_OP_and: case DW_OP_or: case DW_OP_xor: case DW_OP_mul:
                case DW_OP_shl: case DW_OP_shr: case DW_OP_ge: case DW_OP_le: case DW_OP_gt: case DW_OP_lt:
                case DW_OP_eq: case DW_OP_ne:
                    y = s[--d]; x = s[--d];
                    s[d++] = a == DW_OP_plus ? x + y : a == DW_OP_minus ? x - y : a == DW_OP_and ? (x & y)
                        : a == DW_OP_or ? (x | y) : a == DW_OP_xor ? (x ^ y) : a == DW_OP_mul ? x * y
                        : a == DW_OP_shl ? x << y : a == DW_OP_shr ? x >> y
                        : a == DW_OP_ge ? (int64_t)x >= (int64_t)y : a == DW_OP_le ? (int64_t)x <= (int64_t)y
                        : a == DW_OP_gt ? (int64_t)x > (int64_t)y : a == DW_OP_lt ? (int64_t)x < (int64_t)y
                        : a == DW_OP_eq ? x == y : x != y;
                    break;
                case DW_OP_stack_value: isValue = 1; break;
                case DW_OP_nop: break;
                default: return 0;
                }
                if (d < 1) return 0;
            }
            if (d < 1) return 0;
            *result = s[d - 1];
            return isValue ? 1 : 2;
        }
        enum { root, noMapping, noInformation, unreadable, invalid };
        static int unwind(word space, word *frames, word *count) {
            int isExact = 1;
            for (;;) {
                word pc = registers[16];
                frames[(*count)++] = pc;
                if (*count == 8192) return invalid;
                word at = isExact ? pc : pc - 1, address;
                struct mapping *m = lookup(space, at);
                if (!m) return noMapping;
                if (!toFile(m, at, &address)) return noInformation;
                Dwarf_Frame *frame = NULL;
                if (!m->file->frames || dwarf_cfi_addrframe(m->file->frames, address, &frame)) {
                    frame = NULL;
                    if (!m->file->debugFrames || dwarf_cfi_addrframe(m->file->debugFrames, address, &frame))
                        return noInformation;
                }
                bool isSignal = false;
                int returnRegister = dwarf_frame_info(frame, NULL, NULL, &isSignal);
                Dwarf_Op *ops, space3[3]; size_t n; word cfa, next[17]; int isKnown[17];
                if (dwarf_frame_register(frame, returnRegister, space3, &ops, &n) == 0 && n == 0 && ops == space3) {
                    free(frame); return root;
                }
                if (dwarf_frame_cfa(frame, &ops, &n) || n == 0 || !evaluate(ops, n, 0, at - address, &cfa)) {
                    free(frame); return invalid;
                }
                for (int r = 0; r < 17; r++) {
                    next[r] = registers[r]; isKnown[r] = known[r];
                    if (dwarf_frame_register(frame, r, space3, &ops, &n)) { isKnown[r] = 0; continue; }
                    if (n == 0) { if (ops == space3) isKnown[r] = 0; continue; }
                    word value; int form = evaluate(ops, n, cfa, at - address, &value);
                    if (form == 0) { isKnown[r] = 0; continue; }
                    if (form == 2) {
                        // Freed by the pops of an epilogue: back in its register.
                        if (r != returnRegister && value < registers[7] && registers[7] - value < 1 << 20) continue;
                        if (!load(value, &value, 8)) {
                            isKnown[r] = 0;
                            if (r == returnRegister) { free(frame); return unreadable; }
                            continue;
                        }
                    }
                    next[r] = value; isKnown[r] = 1;
                }
                // By definition, unless told otherwise.
                if (dwarf_frame_register(frame, 7, space3, &ops, &n) || n == 0) { next[7] = cfa; isKnown[7] = 1; }
                free(frame);
                if (!isKnown[16]) return unreadable;
                word old = registers[7];
                memcpy(registers, next, sizeof next); memcpy(known, isKnown, sizeof isKnown);
                if (registers[16] == 0) return root;
                if (!isSignal && (registers[7] < old || (registers[7] == old && !isExact))) return invalid;
                isExact = isSignal;
            }
        }
        int main(void) {
            elf_version(EV_CURRENT);
            static word frames[8192];
            word kind;
            stack = malloc(1 << 16);
            while (get(&kind, 8)) {
                word w[6];
                if (kind == 1) {
                    if (!get(w, 40) || mappingCount == 65536) return 1;
                    char *path = calloc(w[4] + 1, 1);
                    if (!get(path, w[4])) return 1;
                    mappings[mappingCount++] = (struct mapping){w[0], w[1], w[2], w[3], find(path)};
                    continue;
                }
                word id, count = 0;
                if (!get(&id, 8) || !get(registers, sizeof registers) || !get(&stackSize, 8) || stackSize > 1 << 16
                    || !get(stack, stackSize)) return 1;
                for (int r = 0; r < 17; r++) known[r] = 1;
                stackStart = registers[7];
                word end = unwind(id, frames, &count);
                put(end); put(count);
                for (word i = 0; i < count; i++) put(frames[i]);
            }
            return 0;
        }
        """#
}
