extension CodePatterns {
    static func x86_64LeafRule(
        address: UInt64, function: UInt64?, code: (UInt64) -> CodePages.Window
    ) -> UnwindRule? {
        let window = code(address)
        guard !window.valid.isEmpty else { return nil }
        if let rule = pltRule(window) { return rule }
        if let function, let rule = FrameAnalysisX86.rule(address: address, function: function, code: code) {
            return rule
        }
        if let rule = x86_64EpilogueRule(window) { return rule }
        // push %rbp; mov %rsp, %rbp, with or without endbr64 before it, at each of its instructions.
        let frameStart: [UInt8] = [0x55, 0x48, 0x89, 0xe5]
        if window.has(frameStart) || window.has([0xf3, 0x0f, 0x1e, 0xfa] + frameStart) {
            return UnwindRule(.stackPointer, offset: 8)
        }
        if window.has(frameStart, at: -1) { return UnwindRule(.stackPointer, offset: 16, framePointerSlot: -2) }
        return nil
    }

    /// Whether the code jumps through a slot of the global offset table.
    static func isX86_64LinkageStub(_ window: CodePages.Window) -> Bool {
        for jump: [UInt8] in [[0xff, 0x25], [0xf2, 0xff, 0x25]] {
            if window.has(jump) || window.has([0xf3, 0x0f, 0x1e, 0xfa] + jump) { return true }
        }
        return false
    }

    /// The stubs of a procedure linkage table, in the forms of GNU ld, gold, lld and mold.
    private static func pltRule(_ window: CodePages.Window) -> UnwindRule? {
        // PLT0: push GOT+8(%rip); jmp *GOT+16(%rip). Entered with the relocation index pushed.
        if window.has([0xff, 0x35]), window.has([0xff, 0x25], at: 6) { return UnwindRule(.stackPointer, offset: 16) }
        if window.has([0xff, 0x25]), window.has([0xff, 0x35], at: -6) { return UnwindRule(.stackPointer, offset: 24) }
        // push $index; jmp PLT0.
        if window.has([0x68]), window.has([0xe9], at: 5) { return UnwindRule(.stackPointer, offset: 8) }
        if window.has([0xe9]), window.has([0x68], at: -5) { return UnwindRule(.stackPointer, offset: 16) }
        // mold's, in front of the jumps: mov $index, %r11d, and in the first entry push %r11; push GOT+8(%rip).
        for before: [UInt8] in [[], [0xf3, 0x0f, 0x1e, 0xfa]] {
            let isEntry = window.has(before + [0x41, 0xbb]) && window.has([0xff, 0x25], at: before.count + 6)
            if isEntry || window.has(before + [0x41, 0x53, 0xff, 0x35]) { return UnwindRule(.stackPointer, offset: 8) }
        }
        // jmp *slot(%rip), with bnd, behind endbr64.
        for jump: [UInt8] in [[0xff, 0x25], [0xf2, 0xff, 0x25]] {
            if window.has(jump) || window.has([0xf3, 0x0f, 0x1e, 0xfa] + jump) {
                return UnwindRule(.stackPointer, offset: 8)
            }
        }
        return nil
    }

    /// The instructions that take a frame down, from here to the return.
    static func x86_64EpilogueRule(_ window: CodePages.Window) -> UnwindRule? {
        var position = 0
        var depth: Int32 = 8
        var framePointerAt: Int32?
        for _ in 0..<12 {
            if window[position] == 0xc3 || window[position] == 0xc2 || window.has([0xf3, 0xc3], at: position)
                || window.has([0xf2, 0xc3], at: position)
            {
                let slot = framePointerAt.map { Int16(($0 - depth) / 8) } ?? UnwindRule.unchanged
                return UnwindRule(.stackPointer, offset: depth, framePointerSlot: slot)
            }
            if let byte = window[position], byte >= 0x58, byte <= 0x5f {
                if byte == 0x5d { framePointerAt = depth - 8 }
                depth += 8
                position += 1
            } else if window[position] == 0x41, let byte = window[position + 1], byte >= 0x58, byte <= 0x5f {
                depth += 8
                position += 2
            } else if window.has([0x48, 0x83, 0xc4], at: position), let amount = window[position + 3], amount < 0x80 {
                depth += Int32(amount)
                position += 4
            } else if window.has([0x48, 0x81, 0xc4], at: position), let amount = window.word(at: position + 3),
                amount < 0x10_0000
            {
                depth += Int32(amount)
                position += 7
            } else {
                return nil
            }
        }
        return nil
    }

    static func x86_64CallSite(address: UInt64, window: CodePages.Window) -> CallSite {
        if window[-5] == 0xe8, let distance = window.word(at: -4) {
            return .direct(address &+ UInt64(bitPattern: Int64(Int32(bitPattern: distance))))
        }
        // call *r/m64 (ff /2): its length follows from the ModRM byte, so each length is tried.
        for length in 2...8 {
            for prefix in 0...1 where length - prefix >= 2 {
                let start = -length
                if prefix == 1, let byte = window[start], byte & 0xf0 != 0x40, byte != 0x3e, byte != 0xf2 { continue }
                guard window[start + prefix] == 0xff, let modrm = window[start + prefix + 1], modrm & 0x38 == 0x10
                else { continue }
                if Self.modrmLength(modrm, window[start + prefix + 2]) == length - prefix - 1 { return .indirect }
            }
        }
        return .none
    }

    /// The bytes of a ModRM byte, its SIB byte and its displacement (Intel SDM volume 2, table 2-2).
    static func modrmLength(_ modrm: UInt8, _ sib: UInt8?) -> Int {
        let mode = modrm >> 6
        let base = modrm & 7
        if mode == 3 { return 1 }
        var length = 1
        if base == 4 { length += 1 }
        switch mode {
        case 0 where base == 5: length += 4
        case 0 where base == 4 && (sib ?? 0) & 7 == 5: length += 4
        case 1: length += 1
        case 2: length += 4
        default: break
        }
        return length
    }
}
