internal import CCapstone
package import ELF
package import Primitives

/// Decodes machine code with Capstone, in the layout of objdump.
package final class Disassembler {
    /// Why there is no decoder.
    package enum Unavailable: Error, CustomStringConvertible {
        case noLibrary
        case unknownMachine

        /// The reason, with the way out where there is one.
        package var description: String {
            switch self {
            case .noLibrary:
                "\(CapstoneLibrary.fileName) is not installed; install it: apt-get install libcapstone\(CS_API_MAJOR)"
            case .unknownMachine: "only code of x86_64 and arm64 can be disassembled"
            }
        }
    }

    private let library: CapstoneLibrary
    private let handle: csh
    private let instructionAlignment: Int

    /// A decoder for `machine`.
    ///
    /// - Parameter intelSyntax: Intel's syntax instead of AT&T's, on x86.
    package init(_ machine: ElfMachine, intelSyntax: Bool) throws(Unavailable) {
        guard let library = CapstoneLibrary.shared else { throw .noLibrary }
        let (architecture, mode): (cs_arch, cs_mode)
        switch machine {
        case .x86_64:
            (architecture, mode) = (CS_ARCH_X86, CS_MODE_64)
            instructionAlignment = 1
        case .arm64:
            (architecture, mode) = (CS_ARCH_ARM64, CS_MODE_LITTLE_ENDIAN)
            instructionAlignment = 4
        default:
            throw .unknownMachine
        }
        var opened: csh = 0
        // Debian builds the library with all machines; others may leave some out.
        guard unsafe library.open(architecture, mode, &opened) == CS_ERR_OK else { throw .unknownMachine }
        self.library = library
        handle = opened
        if machine == .x86_64, !intelSyntax {
            _ = library.setOption(handle, CS_OPT_SYNTAX, Int(CS_OPT_SYNTAX_ATT.rawValue))
        }
    }

    deinit {
        var handle = handle
        unsafe _ = library.close(&handle)
    }

    /// The instructions in `code`, whose first byte is at `address`. Bytes that are no instruction are skipped one alignment
    /// at a time. O(bytes).
    package func instructions(_ code: [UInt8], at address: FileAddress) -> [Instruction] {
        guard let room = unsafe library.allocate(handle) else { return [] }
        defer { unsafe library.free(room, 1) }
        var result: [Instruction] = []
        result.reserveCapacity(code.count / 4)
        unsafe code.withUnsafeBufferPointer { bytes in
            guard let start = bytes.baseAddress else { return }
            var done = 0
            while done < bytes.count {
                var cursor: UnsafePointer<UInt8>? = unsafe start + done
                var rest = bytes.count - done
                var position = address.value &+ UInt64(done)
                let place = FileAddress(position)
                if unsafe library.decodeNext(handle, &cursor, &rest, &position, room), unsafe room.pointee.size > 0 {
                    unsafe result.append(Self.instruction(room.pointee, at: place))
                    done = bytes.count - rest
                } else {
                    let count = min(instructionAlignment, bytes.count - done)
                    result.append(Instruction(address: place, byteCount: count, text: "(bad)", target: nil))
                    done += count
                }
            }
        }
        return result
    }

    private static func instruction(_ decoded: borrowing cs_insn, at address: FileAddress) -> Instruction {
        let mnemonic = unsafe withUnsafeBytes(of: decoded.mnemonic) { unsafe text($0) }
        // objdump sets no space behind the commas of operands.
        let operands = unsafe withUnsafeBytes(of: decoded.op_str) { unsafe text($0) }.replacing(", ", with: ",")
        var line = mnemonic
        if !operands.isEmpty {
            line += String(repeating: " ", count: max(1, 7 - mnemonic.utf8.count)) + operands
        }
        let isBranch = mnemonic.hasPrefix("j") || mnemonic.hasPrefix("call") || mnemonic.hasPrefix("b")
        // arm64's immediate operands begin with `#`.
        let operand = operands.drop { $0 == "#" }
        let target = isBranch && operand.hasPrefix("0x") ? UInt64(operand.dropFirst(2), radix: 16) : nil
        return Instruction(
            address: address, byteCount: Int(decoded.size), text: line, target: target.map { FileAddress($0) })
    }

    private static func text(_ field: UnsafeRawBufferPointer) -> String {
        unsafe String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
    }
}
