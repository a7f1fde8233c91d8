extension CodePatterns {
    static func arm64LeafRule(
        address: UInt64, function: UInt64?, code: (UInt64) -> CodePages.Window
    ) -> UnwindRule? {
        let window = code(address)
        guard let word = window.word(at: 0) else { return nil }
        let inLinkRegister = UnwindRule(.stackPointer, offset: 0, returnSlot: UnwindRule.unchanged)
        // The first instruction, or a return (ret, retaa, retab): the frame is not there (any more).
        if address == function || word == 0xd65f_03c0 || word == 0xd65f_0bff || word == 0xd65f_0fff {
            return inLinkRegister
        }
        // bti, paciasp, pacibsp, and stp x29, x30, [sp, #-n]! begin functions.
        if word & 0xffff_ff3f == 0xd503_241f || word == 0xd503_233f || word == 0xd503_237f
            || word & 0xffc0_7fff == 0xa980_7bfd
        {
            return inLinkRegister
        }
        // adrp x16; ldr x17; add x16; br x17: a PLT entry.
        for start in 0..<4 {
            if let first = window.word(at: -4 * start), first & 0x9f00_001f == 0x9000_0010,
                window.word(at: -4 * start + 12) == 0xd61f_0220
            {
                return inLinkRegister
            }
        }
        // mov x29, sp just behind stp x29, x30, [sp, #-n]!
        if word == 0x9100_03fd, let store = window.word(at: -4), store & 0xffc0_7fff == 0xa980_7bfd {
            // The immediate counts eight bytes, in seven signed bits.
            let size = -(Int32(bitPattern: store << 10) >> 25) * 8
            guard size >= 16 else { return nil }
            return UnwindRule(
                .stackPointer, offset: size, returnSlot: Int16(1 - size / 8), framePointerSlot: Int16(-size / 8))
        }
        return nil
    }

    static func arm64CallSite(address: UInt64, window: CodePages.Window) -> CallSite {
        guard let word = window.word(at: -4) else { return .unknown }
        if word & 0xfc00_0000 == 0x9400_0000 {
            let distance = Int64(Int32(bitPattern: word << 6) >> 6) * 4
            return .direct(address &- 4 &+ UInt64(bitPattern: distance))
        }
        // blr, and its authenticated forms.
        if word & 0xffff_fc1f == 0xd63f_0000 || word & 0xfeff_f800 == 0xd63f_0800 { return .indirect }
        return .none
    }
}
