import Primitives

/// Runs the instructions of an FDE (DWARF 5, section 6.4.2) and hands out the rows that they describe.
struct CfiProgram: ~Copyable {
    /// Deeper nesting than this is no compiler's work.
    private static let rememberLimit = 64

    private var row = CfiRow()
    private var initial = CfiRow()
    private var remembered: [CfiRow] = []

    /// Calls `receive` with each row and the addresses it is for, in ascending order, until it returns false.
    ///
    /// Instructions that cannot be understood end the table there: what came before stands.
    mutating func run(
        _ description: FrameDescription, in section: CfiSection, receive: (Range<UInt64>, borrowing CfiRow) -> Bool
    ) {
        row = CfiRow()
        remembered.removeAll(keepingCapacity: true)
        var location = description.range.lowerBound
        let end = description.range.upperBound
        let common = description.common
        do throws(ReadError) {
            try section.fill(common.instructions)
            var reader = ByteReader(section.bytes.extracting(first: common.instructions.upperBound))
            try reader.seek(to: common.instructions.lowerBound)
            while !reader.isAtEnd {
                guard try step(&reader, common, section, location) == nil else { throw .outOfBounds }
            }
            initial = row
            try section.fill(description.instructions)
            reader = ByteReader(section.bytes.extracting(first: description.instructions.upperBound))
            try reader.seek(to: description.instructions.lowerBound)
            while !reader.isAtEnd {
                guard let next = try step(&reader, common, section, location) else { continue }
                // Locations only grow; a step past the end would describe another function.
                guard next >= location, next <= end else { throw .outOfBounds }
                if next > location, !receive(location..<next, row) { return }
                location = next
            }
        } catch {
            return
        }
        if location < end { _ = receive(location..<end, row) }
    }

    /// Runs one instruction; the new location if it was an advance.
    @_lifetime(reader: copy reader)
    private mutating func step(
        _ reader: inout ByteReader, _ common: CommonInformation, _ section: CfiSection, _ location: UInt64
    ) throws(ReadError) -> UInt64? {
        let opcode = try reader.read(UInt8.self)
        let low = UInt64(opcode & 0x3f)
        switch opcode >> 6 {
        case 1:
            return location &+ low &* common.codeAlignment
        case 2:
            row.set(low, .offset, Int64(truncatingIfNeeded: try reader.readULEB128()) &* common.dataAlignment)
            return nil
        case 3:
            restore(low)
            return nil
        default:
            break
        }
        switch opcode {
        case 0x00: break  // nop
        case 0x01: return try section.readPointer(&reader, encoding: common.pointerEncoding)  // set_loc
        case 0x02: return location &+ UInt64(try reader.read(UInt8.self)) &* common.codeAlignment
        case 0x03: return location &+ UInt64(try reader.read(UInt16.self)) &* common.codeAlignment
        case 0x04: return location &+ UInt64(try reader.read(UInt32.self)) &* common.codeAlignment
        case 0x05:  // offset_extended
            let register = try reader.readULEB128()
            row.set(
                register, .offset, Int64(truncatingIfNeeded: try reader.readULEB128()) &* common.dataAlignment)
        case 0x06: restore(try reader.readULEB128())
        case 0x07: row.set(try reader.readULEB128(), .undefined, 0)
        case 0x08: row.set(try reader.readULEB128(), .sameValue, 0)
        case 0x09:  // register
            let register = try reader.readULEB128()
            row.set(register, .register, Int64(truncatingIfNeeded: try reader.readULEB128()))
        case 0x0a:  // remember_state
            guard remembered.count < Self.rememberLimit else { throw .outOfBounds }
            remembered.append(row)
        case 0x0b:  // restore_state
            guard let saved = remembered.popLast() else { throw .outOfBounds }
            row = saved
        case 0x0c:  // def_cfa
            let register = try reader.readULEB128()
            setCfa(register, Int64(truncatingIfNeeded: try reader.readULEB128()))
        case 0x0d: setCfa(try reader.readULEB128(), row.cfaIsExpression ? 0 : row.cfa.value)
        case 0x0e: try setCfaOffset(Int64(truncatingIfNeeded: try reader.readULEB128()))
        case 0x0f: row.cfa = try readExpression(&reader, .valueExpression)
        case 0x10:  // expression
            let register = try reader.readULEB128()
            let rule = try readExpression(&reader, .expression)
            row.set(register, .expression, rule.value, length: Int(rule.length))
        case 0x11:  // offset_extended_sf
            let register = try reader.readULEB128()
            row.set(register, .offset, try reader.readSLEB128() &* common.dataAlignment)
        case 0x12:  // def_cfa_sf
            let register = try reader.readULEB128()
            setCfa(register, try reader.readSLEB128() &* common.dataAlignment)
        case 0x13: try setCfaOffset(try reader.readSLEB128() &* common.dataAlignment)
        case 0x14:  // val_offset
            let register = try reader.readULEB128()
            row.set(
                register, .valueOffset, Int64(truncatingIfNeeded: try reader.readULEB128()) &* common.dataAlignment)
        case 0x15:  // val_offset_sf
            let register = try reader.readULEB128()
            row.set(register, .valueOffset, try reader.readSLEB128() &* common.dataAlignment)
        case 0x16:  // val_expression
            let register = try reader.readULEB128()
            let rule = try readExpression(&reader, .valueExpression)
            row.set(register, .valueExpression, rule.value, length: Int(rule.length))
        case 0x2d: break  // AARCH64_negate_ra_state: signatures are masked off wherever they are
        case 0x2e: _ = try reader.readULEB128()  // GNU_args_size: says nothing about the CFA
        case 0x2f:  // GNU_negative_offset_extended
            let register = try reader.readULEB128()
            let offset = Int64(truncatingIfNeeded: try reader.readULEB128())
            row.set(register, .offset, 0 &- offset &* common.dataAlignment)
        default: throw .outOfBounds
        }
        return nil
    }

    private mutating func restore(_ register: UInt64) {
        guard register < 33 else { return }
        row.registers[Int(register)] = initial.registers[Int(register)]
    }

    private mutating func setCfa(_ register: UInt64, _ offset: Int64) {
        row.cfaRegister = register < 33 ? Int(register) : -1
        row.cfa = RegisterRule(kind: .offset, value: offset)
    }

    private mutating func setCfaOffset(_ offset: Int64) throws(ReadError) {
        guard !row.cfaIsExpression else { throw .outOfBounds }
        row.cfa = RegisterRule(kind: .offset, value: offset)
    }

    @_lifetime(reader: copy reader)
    private func readExpression(
        _ reader: inout ByteReader, _ kind: RegisterRule.Kind
    ) throws(ReadError) -> RegisterRule {
        let count = try reader.readULEB128()
        guard count <= UInt64(reader.remaining), count <= 0xffff else { throw .outOfBounds }
        let start = reader.offset
        try reader.skip(Int(count))
        return RegisterRule(kind: kind, length: UInt32(count), value: Int64(start))
    }
}
