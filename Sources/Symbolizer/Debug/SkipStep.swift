import Primitives

/// One step of passing over an entry's attributes; neighbours of fixed size are one step together.
struct SkipStep {
    enum Kind: UInt8 {
        case fixed, number, string, block1, block2, block4, block, indirect, unknown
    }

    var kind: Kind
    /// The bytes of a fixed step, or the unknown form's code.
    var count: UInt32

    /// Adds what passes over `form`, merged into the last step at or after `first` if both are fixed.
    static func append(form: UInt16, _ key: AbbreviationTable.Key, to steps: inout [SkipStep], from first: Int) {
        let step = Self.step(for: form, key)
        if step.kind == .fixed {
            if step.count == 0 { return }
            if steps.count > first, let last = steps.last, last.kind == .fixed, last.count < 1 << 20 {
                steps[steps.count - 1].count = last.count + step.count
                return
            }
        }
        steps.append(step)
    }

    private static func step(for form: UInt16, _ key: AbbreviationTable.Key) -> SkipStep {
        if let size = fixedSize(of: form, key) { return SkipStep(kind: .fixed, count: UInt32(size)) }
        switch form {
        case Form.sdata, Form.udata, Form.refUdata, Form.strx, Form.addrx, Form.loclistx, Form.rnglistx,
            Form.gnuAddrIndex, Form.gnuStrIndex:
            return SkipStep(kind: .number, count: 0)
        case Form.string: return SkipStep(kind: .string, count: 0)
        case Form.block1: return SkipStep(kind: .block1, count: 0)
        case Form.block2: return SkipStep(kind: .block2, count: 0)
        case Form.block4: return SkipStep(kind: .block4, count: 0)
        case Form.block, Form.exprloc: return SkipStep(kind: .block, count: 0)
        case Form.indirect: return SkipStep(kind: .indirect, count: 0)
        default: return SkipStep(kind: .unknown, count: UInt32(form))
        }
    }

    /// The bytes that a value of `form` takes; nil where each value has its own size.
    static func fixedSize(of form: UInt16, _ key: AbbreviationTable.Key) -> UInt8? {
        switch form {
        case Form.flagPresent, Form.implicitConst: 0
        case Form.data1, Form.flag, Form.ref1, Form.strx1, Form.addrx1: 1
        case Form.data2, Form.ref2, Form.strx2, Form.addrx2: 2
        case Form.strx3, Form.addrx3: 3
        case Form.data4, Form.ref4, Form.strx4, Form.addrx4, Form.refSup4: 4
        case Form.data8, Form.ref8, Form.refSig8, Form.refSup8: 8
        case Form.data16: 16
        case Form.addr: key.addressSize
        case Form.refAddr: key.referenceSize
        case Form.strp, Form.secOffset, Form.lineStrp, Form.strpSup, Form.gnuRefAlt, Form.gnuStrpAlt: key.offsetSize
        default: nil
        }
    }

    /// Moves `reader` behind one attribute of `form`.
    @_lifetime(reader: copy reader)
    static func skip(form: UInt16, _ key: AbbreviationTable.Key, _ reader: inout ByteReader) throws(DebugError) {
        try step(for: form, key).take(&reader, key)
    }

    /// Moves `reader` behind what the step describes.
    @inline(__always)
    @_lifetime(reader: copy reader)
    func take(_ reader: inout ByteReader, _ key: AbbreviationTable.Key) throws(DebugError) {
        do throws(ReadError) {
            switch kind {
            case .fixed: try reader.skip(Int(count))
            case .number: try reader.skipNumber()
            case .string: _ = try reader.readStringRange()
            case .block1: try reader.skip(UInt64(try reader.read(UInt8.self)))
            case .block2: try reader.skip(UInt64(try reader.read(UInt16.self)))
            case .block4: try reader.skip(UInt64(try reader.read(UInt32.self)))
            case .block: try reader.skip(try reader.readNumber())
            case .indirect, .unknown:
                try takeRare(&reader, key)
            }
        } catch {
            throw error == .outOfBounds && kind == .unknown
                ? .unknownForm(UInt16(truncatingIfNeeded: count)) : .malformed(error)
        }
    }

    @_lifetime(reader: copy reader)
    private func takeRare(_ reader: inout ByteReader, _ key: AbbreviationTable.Key) throws(ReadError) {
        guard kind == .indirect else { throw .outOfBounds }
        let form = UInt16(truncatingIfNeeded: try reader.readNumber())
        // DWARF forbids an indirect form to be indirect again, and a loop of them must not be followed.
        let step = Self.step(for: form, key)
        guard step.kind != .indirect, step.kind != .unknown else { throw .outOfBounds }
        do {
            try step.take(&reader, key)
        } catch {
            throw .outOfBounds
        }
    }
}
