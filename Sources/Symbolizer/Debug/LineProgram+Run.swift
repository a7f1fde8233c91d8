import Primitives

/// The source position that a line program gives an address.
struct SourceLine {
    var file: UInt32
    var line: UInt32
}

extension LineProgram {
    /// Runs the program and notes, for those of the sorted `addresses` that it covers, their source line.
    ///
    /// No table of rows is made: addresses wait in order, and rows pass by them in order. O(instructions + hits).
    func run(
        _ addresses: ArraySlice<UInt64>, code: CodeRanges, into lines: inout [SourceLine?]
    ) throws(DebugError) {
        var machine = LineMachine(program: self, addresses: addresses, code: code)
        do {
            try machine.run(&lines)
        } catch {
            throw .malformed(error)
        }
    }
}

/// The state of a running line program (DWARF 5, section 6.2.2), without the registers nobody asks for.
private struct LineMachine {
    let program: LineProgram
    let addresses: ArraySlice<UInt64>
    let code: CodeRanges

    var address: UInt64 = 0
    var operation: UInt64 = 0
    var file: UInt64 = 1
    var line: Int64 = 1

    /// The row whose end is not known yet.
    var pending: (address: UInt64, line: SourceLine)?
    /// The first address that the pending row may cover.
    var cursor = 0
    /// Whether the running sequence describes code that is in the file; linkers leave dead ones at odd addresses.
    var isLive = false

    init(program: LineProgram, addresses: ArraySlice<UInt64>, code: CodeRanges) {
        self.program = program
        self.addresses = addresses
        self.code = code
    }

    mutating func run(_ lines: inout [SourceLine?]) throws(ReadError) {
        let section = program.section
        var reader = ByteReader(section.bytes.extracting(first: program.instructions.upperBound))
        try reader.seek(to: program.instructions.lowerBound)
        let opcodeBase = program.opcodeBase
        let lineRange = max(program.lineRange, 1)
        let lineBase = program.lineBase
        let constAdvance = UInt64((255 - opcodeBase) / lineRange)
        while !reader.isAtEnd {
            let opcode = try reader.read(UInt8.self)
            if opcode >= opcodeBase {
                let adjusted = opcode - opcodeBase
                advance(UInt64(adjusted / lineRange))
                line &+= lineBase + Int64(adjusted % lineRange)
                emit(&lines)
                continue
            }
            switch opcode {
            case 0: try runExtended(&reader, &lines)
            case 1: emit(&lines)
            case 2: advance(try reader.readNumber())
            case 3: line &+= try reader.readSLEB128()
            case 4: file = try reader.readNumber()
            case 5: try reader.skipNumber()
            case 6, 7, 10, 11: break
            case 8: advance(constAdvance)
            case 9:
                address &+= UInt64(try reader.read(UInt16.self))
                operation = 0
            case 12: try reader.skipNumber()
            default:
                // An opcode of a later version: its operands are LEB128 numbers, as many as the header says.
                for _ in 0..<program.operandCounts[Int(opcode) - 1] { try reader.skipNumber() }
            }
        }
    }

    @_lifetime(reader: copy reader)
    private mutating func runExtended(_ reader: inout ByteReader, _ lines: inout [SourceLine?]) throws(ReadError) {
        let length = try reader.readNumber()
        guard length <= UInt64(reader.remaining) else { throw .outOfBounds }
        if length == 0 { return }
        let end = reader.offset + Int(length)
        switch try reader.read(UInt8.self) {
        case 1:
            emit(&lines)
            pending = nil
            address = 0
            operation = 0
            file = 1
            line = 1
        case 2:
            let size = Int(length) - 1
            address = try reader.readUnsigned(size: size)
            operation = 0
        default: break
        }
        try reader.seek(to: end)
    }

    @inline(__always)
    private mutating func advance(_ count: UInt64) {
        if program.maximumOperations == 1 {
            address &+= count &* program.minimumInstructionLength
        } else {
            let total = operation &+ count
            address &+= program.minimumInstructionLength &* (total / program.maximumOperations)
            operation = total % program.maximumOperations
        }
    }

    /// Ends the pending row at the current address and makes the current state the pending row.
    @inline(__always)
    private mutating func emit(_ lines: inout [SourceLine?]) {
        if let row = pending {
            if isLive, address > row.address { finish(row.address, row.line, &lines) }
        } else {
            isLive = code.contains(address)
            cursor = isLive ? addresses.firstIndex(notBelow: address) : addresses.endIndex
        }
        pending = (address, SourceLine(file: UInt32(clamping: file), line: UInt32(clamping: line)))
    }

    @inline(__always)
    private mutating func finish(_ start: UInt64, _ row: SourceLine, _ lines: inout [SourceLine?]) {
        guard cursor < addresses.endIndex, addresses[cursor] < address else { return }
        // Rows of a sequence ascend; where they do not, earlier addresses just keep what they have.
        while cursor < addresses.endIndex, addresses[cursor] < address {
            if addresses[cursor] >= start, lines[cursor] == nil { lines[cursor] = row }
            cursor += 1
        }
    }
}

extension ArraySlice<UInt64> {
    /// The index of the first element that is not below `value`, in this sorted slice; its end if there is none.
    @inline(__always)
    func firstIndex(notBelow value: UInt64) -> Int {
        var low = startIndex
        var high = endIndex
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
