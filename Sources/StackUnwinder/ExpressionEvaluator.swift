import Primitives

/// Evaluates the DWARF expressions of unwind rules (DWARF 5, sections 2.5 and 6.4.2): a bounded stack machine over the
/// registers and the copied stack.
@safe
struct ExpressionEvaluator {
    let registers: RegisterSet
    let memory: StackMemory
    /// What the loader added to the image's addresses.
    let bias: UInt64

    private static let stepLimit = 1_024

    /// The top of the stack after running `range` of `section`; `initial` is pushed first when given.
    func evaluate(_ range: Range<Int>, of section: CfiSection, initial: UInt64?) throws(EvaluationError) -> UInt64 {
        do throws(Failure) {
            return try run(range, of: section, initial: initial)
        } catch {
            switch error {
            case .evaluation(let error): throw error
            case .read: throw .invalid
            }
        }
    }

    private enum Failure: Error {
        case evaluation(EvaluationError)
        case read
    }

    private struct Stack {
        private var words = InlineArray<64, UInt64>(repeating: 0)
        private var count = 0

        mutating func push(_ word: UInt64) throws(Failure) {
            guard count < 64 else { throw .evaluation(.invalid) }
            words[count] = word
            count += 1
        }

        mutating func pop() throws(Failure) -> UInt64 {
            guard count > 0 else { throw .evaluation(.invalid) }
            count -= 1
            return words[count]
        }

        func pick(_ depth: Int) throws(Failure) -> UInt64 {
            guard depth >= 0, depth < count else { throw .evaluation(.invalid) }
            return words[count - 1 - depth]
        }
    }

    private func run(
        _ range: Range<Int>, of section: CfiSection, initial: UInt64?
    ) throws(Failure) -> UInt64 {
        guard range.lowerBound >= 0, range.upperBound <= section.byteCount, (try? section.fill(range)) != nil
        else { throw .read }
        var reader = ByteReader(section.bytes.extracting(range))
        var stack = Stack()
        if let initial { try stack.push(initial) }
        var steps = 0
        while !reader.isAtEnd {
            steps += 1
            guard steps <= Self.stepLimit else { throw .evaluation(.invalid) }
            try step(&reader, &stack)
        }
        return try stack.pop()
    }

    @_lifetime(reader: copy reader)
    private func step(_ reader: inout ByteReader, _ stack: inout Stack) throws(Failure) {
        let opcode = try Self.read(&reader, UInt8.self)
        switch opcode {
        case 0x03: try stack.push(try Self.read(&reader, UInt64.self) &+ bias)  // addr
        case 0x06: try stack.push(try load(try stack.pop(), size: 8))  // deref
        case 0x94:  // deref_size
            let size = UInt64(try Self.read(&reader, UInt8.self))
            try stack.push(try load(try stack.pop(), size: size))
        case 0x08: try stack.push(UInt64(try Self.read(&reader, UInt8.self)))
        case 0x09: try stack.push(UInt64(bitPattern: Int64(try Self.read(&reader, Int8.self))))
        case 0x0a: try stack.push(UInt64(try Self.read(&reader, UInt16.self)))
        case 0x0b: try stack.push(UInt64(bitPattern: Int64(try Self.read(&reader, Int16.self))))
        case 0x0c: try stack.push(UInt64(try Self.read(&reader, UInt32.self)))
        case 0x0d: try stack.push(UInt64(bitPattern: Int64(try Self.read(&reader, Int32.self))))
        case 0x0e, 0x0f: try stack.push(try Self.read(&reader, UInt64.self))
        case 0x10: try stack.push(try Self.unsigned(&reader))
        case 0x11: try stack.push(UInt64(bitPattern: try Self.signed(&reader)))
        case 0x12: try stack.push(try stack.pick(0))  // dup
        case 0x13: _ = try stack.pop()
        case 0x14: try stack.push(try stack.pick(1))  // over
        case 0x15: try stack.push(try stack.pick(Int(try Self.read(&reader, UInt8.self))))
        case 0x16:  // swap
            let top = try stack.pop()
            let second = try stack.pop()
            try stack.push(top)
            try stack.push(second)
        case 0x17:  // rot
            let first = try stack.pop()
            let second = try stack.pop()
            let third = try stack.pop()
            try stack.push(first)
            try stack.push(third)
            try stack.push(second)
        case 0x19:  // abs
            let value = Int64(bitPattern: try stack.pop())
            try stack.push(value.magnitude)
        case 0x1f: try stack.push(0 &- (try stack.pop()))  // neg
        case 0x20: try stack.push(~(try stack.pop()))  // not
        case 0x23: try stack.push(try stack.pop() &+ (try Self.unsigned(&reader)))  // plus_uconst
        case 0x1a...0x1e, 0x21, 0x22, 0x24...0x27, 0x29...0x2e:
            let right = try stack.pop()
            let left = try stack.pop()
            try stack.push(try Self.combine(opcode, left, right))
        case 0x2f: try Self.jump(&reader, by: try Self.read(&reader, Int16.self))  // skip
        case 0x28:  // bra
            let distance = try Self.read(&reader, Int16.self)
            if try stack.pop() != 0 { try Self.jump(&reader, by: distance) }
        case 0x30...0x4f: try stack.push(UInt64(opcode - 0x30))  // lit
        case 0x50...0x6f: try stack.push(try register(Int(opcode - 0x50)))  // reg: some producers mean its value
        case 0x70...0x8f:  // breg
            let offset = try Self.signed(&reader)
            try stack.push(try register(Int(opcode - 0x70)) &+ UInt64(bitPattern: offset))
        case 0x92:  // bregx
            let number = try Self.unsigned(&reader)
            let offset = try Self.signed(&reader)
            try stack.push(try register(Int(min(number, 0xffff))) &+ UInt64(bitPattern: offset))
        case 0x96: break  // nop
        default: throw .evaluation(.invalid)
        }
    }

    private static func combine(_ opcode: UInt8, _ left: UInt64, _ right: UInt64) throws(Failure) -> UInt64 {
        let signedLeft = Int64(bitPattern: left)
        let signedRight = Int64(bitPattern: right)
        switch opcode {
        case 0x1a: return left & right
        case 0x1b:  // div, signed
            guard right != 0 else { throw .evaluation(.invalid) }
            return UInt64(bitPattern: signedLeft.dividedReportingOverflow(by: signedRight).partialValue)
        case 0x1c: return left &- right
        case 0x1d:  // mod, unsigned
            guard right != 0 else { throw .evaluation(.invalid) }
            return left % right
        case 0x1e: return left &* right
        case 0x21: return left | right
        case 0x22: return left &+ right
        case 0x24: return right < 64 ? left << right : 0
        case 0x25: return right < 64 ? left >> right : 0
        case 0x26: return UInt64(bitPattern: signedLeft >> Int64(min(right, 63)))
        case 0x27: return left ^ right
        case 0x29: return left == right ? 1 : 0
        case 0x2a: return signedLeft >= signedRight ? 1 : 0
        case 0x2b: return signedLeft > signedRight ? 1 : 0
        case 0x2c: return signedLeft <= signedRight ? 1 : 0
        case 0x2d: return signedLeft < signedRight ? 1 : 0
        case 0x2e: return left != right ? 1 : 0
        default: throw .evaluation(.invalid)
        }
    }

    private func register(_ number: Int) throws(Failure) -> UInt64 {
        guard let value = registers[number] else { throw .evaluation(.unknownRegister(number)) }
        return value
    }

    private func load(_ address: UInt64, size: UInt64) throws(Failure) -> UInt64 {
        guard let value = memory.number(at: address, size: size) else {
            throw .evaluation(.unreadable(address))
        }
        return value
    }

    @_lifetime(reader: copy reader)
    private static func jump(_ reader: inout ByteReader, by distance: Int16) throws(Failure) {
        let target = reader.offset + Int(distance)
        do { try reader.seek(to: target) } catch { throw .read }
    }

    @_lifetime(reader: copy reader)
    private static func read<Number: FixedWidthInteger & BitwiseCopyable>(
        _ reader: inout ByteReader, _ type: Number.Type
    ) throws(Failure) -> Number {
        do { return try reader.read(type) } catch { throw .read }
    }

    @_lifetime(reader: copy reader)
    private static func unsigned(_ reader: inout ByteReader) throws(Failure) -> UInt64 {
        do { return try reader.readULEB128() } catch { throw .read }
    }

    @_lifetime(reader: copy reader)
    private static func signed(_ reader: inout ByteReader) throws(Failure) -> Int64 {
        do { return try reader.readSLEB128() } catch { throw .read }
    }
}
