/// The length of an x86_64 instruction and what it does to the stack pointer and the flow of control: as much of the
/// instruction set as is needed to follow a function from its start (Intel SDM volume 2, appendix A).
struct InstructionX86: Equatable {
    enum Effect: Equatable {
        /// Neither stack pointer nor flow of control.
        case other
        /// Moves the stack pointer up by this many bytes (negative: down).
        case adjust(Int32)
        /// push %rbp.
        case pushFramePointer
        /// pop %rbp.
        case popFramePointer
        /// mov %rsp, %rbp.
        case setFramePointer
        /// lea displacement(%rbp), %rsp.
        case stackPointerFromFrame(Int32)
        /// leave.
        case leave
        /// A jump by this distance from the end of the instruction; conditional or not.
        case branch(Int32)
        case jump(Int32)
        /// A jump elsewhere, a return, a trap: what follows is not reached from here.
        case end
        /// Gives the stack pointer a value that cannot be known.
        case unknown
    }

    var length: Int
    var effect: Effect

    /// The instruction that `window` is around; nil for what is not understood (VEX and EVEX among it).
    init?(_ window: CodePages.Window) {
        var position = 0
        var operandSize = false
        var hasRepeat = false
        while let byte = window[position], position < 5 {
            if byte == 0x66 {
                operandSize = true
            } else if byte == 0xf3 || byte == 0xf2 {
                hasRepeat = true
            } else if byte != 0x3e, byte != 0x2e, byte != 0x64, byte != 0x65 {
                break
            }
            position += 1
        }
        var rex: UInt8 = 0
        if let byte = window[position], byte & 0xf0 == 0x40 {
            rex = byte
            position += 1
        }
        guard let opcode = window[position] else { return nil }
        position += 1
        if opcode == 0x0f {
            self.init(twoByte: window, at: position, operandSize: operandSize, hasRepeat: hasRepeat)
        } else {
            self.init(oneByte: window, opcode, at: position, rex: rex, operandSize: operandSize)
        }
    }

    private init?(oneByte window: CodePages.Window, _ opcode: UInt8, at start: Int, rex: UInt8, operandSize: Bool) {
        let word = operandSize ? 2 : 4
        var position = start
        effect = .other
        switch opcode {
        case 0x50...0x57: effect = opcode == 0x55 && rex & 1 == 0 ? .pushFramePointer : .adjust(-8)
        case 0x58...0x5f:
            effect =
                opcode == 0x5d && rex & 1 == 0
                ? .popFramePointer : opcode == 0x5c && rex & 1 == 0 ? .unknown : .adjust(8)
        case 0x68: (position, effect) = (position + 4, .adjust(-8))
        case 0x6a: (position, effect) = (position + 1, .adjust(-8))
        case 0x9c: effect = .adjust(-8)
        case 0x9d: effect = .adjust(8)
        case 0xc9: effect = .leave
        case 0xc3, 0xcc, 0xf4: effect = .end
        case 0xc2: (position, effect) = (position + 2, .end)
        case 0xe8: position += 4
        case 0xe9:
            guard let distance = window.word(at: position) else { return nil }
            (position, effect) = (position + 4, .jump(Int32(bitPattern: distance)))
        case 0xeb:
            guard let distance = window[position] else { return nil }
            (position, effect) = (position + 1, .jump(Int32(Int8(bitPattern: distance))))
        case 0x70...0x7f:
            guard let distance = window[position] else { return nil }
            (position, effect) = (position + 1, .branch(Int32(Int8(bitPattern: distance))))
        case 0x90...0x99, 0xa4...0xa7, 0xaa...0xaf: break
        case 0x04, 0x0c, 0x14, 0x1c, 0x24, 0x2c, 0x34, 0x3c, 0xa8, 0xb0...0xb7: position += 1
        case 0x05, 0x0d, 0x15, 0x1d, 0x25, 0x2d, 0x35, 0x3d, 0xa9: position += word
        case 0xb8...0xbf: position += rex & 8 != 0 ? 8 : word
        default:
            guard Self.hasModrm(opcode), let modrm = window[position] else { return nil }
            position += CodePatterns.modrmLength(modrm, window[position + 1])
            let toStackPointer = modrm & 0xc7 == 0xc4 && rex & 1 == 0
            let group = modrm >> 3 & 7
            switch opcode {
            case 0x83:
                if toStackPointer, group != 7 {
                    guard let amount = window[position] else { return nil }
                    effect = Self.arithmetic(group, Int32(Int8(bitPattern: amount)))
                }
                position += 1
            case 0x81:
                if toStackPointer, group != 7 {
                    guard let amount = window.word(at: position) else { return nil }
                    effect = Self.arithmetic(group, Int32(bitPattern: amount))
                }
                position += word
            case 0x80, 0xc0, 0xc1, 0xc6, 0x6b: position += 1
            case 0x69, 0xc7: position += word
            case 0xf6 where group < 2: position += 1
            case 0xf7 where group < 2: position += word
            case 0xff:
                if group == 4 { effect = .end }
                if group == 6 { effect = .adjust(-8) }
            case 0x8f: effect = .adjust(8)
            case 0x89 where modrm == 0xe5 && rex & 0xd == 8: effect = .setFramePointer
            case 0x8b where modrm == 0xec && rex & 0xd == 8: effect = .setFramePointer
            case 0x89, 0x01, 0x29, 0x21:
                if toStackPointer { effect = .unknown }
            case 0x8b, 0x8d, 0x03, 0x2b, 0x63:
                if modrm & 0x38 == 0x20, rex & 4 == 0 {
                    effect = opcode == 0x8d && rex == 0x48 ? Self.frameBased(modrm, window, position) : .unknown
                }
            default: break
            }
        }
        length = position
    }

    private init?(twoByte window: CodePages.Window, at start: Int, operandSize: Bool, hasRepeat: Bool) {
        guard let opcode = window[start] else { return nil }
        var position = start + 1
        effect = .other
        switch opcode {
        case 0x05, 0x31, 0xa2, 0xc8...0xcf: break
        case 0x0b: effect = .end
        case 0x80...0x8f:
            guard let distance = window.word(at: position) else { return nil }
            (position, effect) = (position + 4, .branch(Int32(bitPattern: distance)))
        case 0x38, 0x3a:
            guard let modrm = window[position + 1] else { return nil }
            position += 1 + CodePatterns.modrmLength(modrm, window[position + 2]) + (opcode == 0x3a ? 1 : 0)
        case 0x10...0x17, 0x18...0x1f, 0x28...0x2f, 0x40...0x6f, 0x70...0x76, 0x7e...0x7f, 0x90...0x9f, 0xa3...0xa5,
            0xab...0xad, 0xaf...0xc7, 0xd0...0xff:
            guard let modrm = window[position] else { return nil }
            position += CodePatterns.modrmLength(modrm, window[position + 1])
            switch opcode {
            case 0x70...0x73, 0xa4, 0xac, 0xba, 0xc2, 0xc4...0xc6: position += 1
            default: break
            }
        default: return nil
        }
        length = position
    }

    /// add and sub move the stack pointer; the others (and: realigning) leave it anywhere.
    private static func arithmetic(_ group: UInt8, _ amount: Int32) -> Effect {
        guard amount.magnitude < 1 << 24 else { return .unknown }
        switch group {
        case 0: return .adjust(amount)
        case 5: return .adjust(-amount)
        default: return .unknown
        }
    }

    /// The effect of a lea to the stack pointer that ends at `end`.
    private static func frameBased(_ modrm: UInt8, _ window: CodePages.Window, _ end: Int) -> Effect {
        if modrm == 0x65, let byte = window[end - 1] { return .stackPointerFromFrame(Int32(Int8(bitPattern: byte))) }
        if modrm == 0xa5, let word = window.word(at: end - 4) { return .stackPointerFromFrame(Int32(bitPattern: word)) }
        // lea displacement(%rsp), %rsp: how some code adds without touching the flags.
        if modrm == 0x64, window[end - 2] == 0x24, let byte = window[end - 1] {
            return .adjust(Int32(Int8(bitPattern: byte)))
        }
        return .unknown
    }

    private static func hasModrm(_ opcode: UInt8) -> Bool {
        switch opcode {
        case 0x00...0x3f: opcode & 7 < 4
        case 0x63, 0x69, 0x6b, 0x80...0x8f, 0xc0, 0xc1, 0xc6, 0xc7, 0xd0...0xd3, 0xd8...0xdf, 0xf6, 0xf7, 0xfe, 0xff:
            true
        default: false
        }
    }
}
