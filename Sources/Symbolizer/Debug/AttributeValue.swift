import Primitives

/// Where a string of debug information is stored.
struct StringReference {
    enum Place: UInt8 {
        case none, info, strings, lineStrings, lineProgram, alternate
    }

    var place: Place
    var offset: UInt64

    static let none = StringReference(place: .none, offset: 0)
}

/// The value of one attribute, decoded as far as that needs nothing but the entry itself.
enum AttributeValue {
    case address(UInt64)
    case addressIndex(UInt64)
    case constant(UInt64)
    /// Relative to the unit's start.
    case unitReference(UInt64)
    /// Relative to .debug_info's start.
    case infoReference(UInt64)
    /// Relative to the alternate file's .debug_info.
    case alternateReference(UInt64)
    case string(StringReference)
    case stringIndex(UInt64)
    case sectionOffset(UInt64)
    case listIndex(UInt64)
    /// Of no use here: a block, an expression, a flag, a type signature.
    case other

    /// The next attribute of `reader`, which must be over .debug_info.
    @_lifetime(reader: copy reader)
    static func read(
        _ specification: AttributeSpecification, _ key: AbbreviationTable.Key, _ reader: inout ByteReader
    ) throws(DebugError) -> AttributeValue {
        do throws(ReadError) {
            switch specification.form {
            case Form.addr: return .address(try reader.readUnsigned(size: Int(key.addressSize)))
            case Form.data1: return .constant(UInt64(try reader.read(UInt8.self)))
            case Form.data2: return .constant(UInt64(try reader.read(UInt16.self)))
            case Form.data4: return .constant(UInt64(try reader.read(UInt32.self)))
            case Form.data8: return .constant(try reader.read(UInt64.self))
            case Form.udata: return .constant(try reader.readNumber())
            case Form.sdata: return .constant(UInt64(bitPattern: try reader.readSLEB128()))
            case Form.implicitConst: return .constant(UInt64(bitPattern: specification.constant))
            case Form.string:
                let range = try reader.readStringRange()
                return .string(StringReference(place: .info, offset: UInt64(range.lowerBound)))
            case Form.strp: return .string(.init(place: .strings, offset: try reader.readOffset(key)))
            case Form.lineStrp: return .string(.init(place: .lineStrings, offset: try reader.readOffset(key)))
            case Form.gnuStrpAlt, Form.strpSup:
                return .string(.init(place: .alternate, offset: try reader.readOffset(key)))
            case Form.strx, Form.gnuStrIndex: return .stringIndex(try reader.readNumber())
            case Form.strx1: return .stringIndex(UInt64(try reader.read(UInt8.self)))
            case Form.strx2: return .stringIndex(UInt64(try reader.read(UInt16.self)))
            case Form.strx3: return .stringIndex(try reader.readUnsigned(size: 3))
            case Form.strx4: return .stringIndex(UInt64(try reader.read(UInt32.self)))
            case Form.addrx, Form.gnuAddrIndex: return .addressIndex(try reader.readNumber())
            case Form.addrx1: return .addressIndex(UInt64(try reader.read(UInt8.self)))
            case Form.addrx2: return .addressIndex(UInt64(try reader.read(UInt16.self)))
            case Form.addrx3: return .addressIndex(try reader.readUnsigned(size: 3))
            case Form.addrx4: return .addressIndex(UInt64(try reader.read(UInt32.self)))
            case Form.ref1: return .unitReference(UInt64(try reader.read(UInt8.self)))
            case Form.ref2: return .unitReference(UInt64(try reader.read(UInt16.self)))
            case Form.ref4: return .unitReference(UInt64(try reader.read(UInt32.self)))
            case Form.ref8: return .unitReference(try reader.read(UInt64.self))
            case Form.refUdata: return .unitReference(try reader.readNumber())
            case Form.refAddr: return .infoReference(try reader.readUnsigned(size: Int(key.referenceSize)))
            case Form.gnuRefAlt: return .alternateReference(try reader.readOffset(key))
            case Form.refSup4: return .alternateReference(UInt64(try reader.read(UInt32.self)))
            case Form.refSup8: return .alternateReference(try reader.read(UInt64.self))
            case Form.secOffset: return .sectionOffset(try reader.readOffset(key))
            case Form.rnglistx, Form.loclistx: return .listIndex(try reader.readNumber())
            default: break
            }
        } catch {
            throw .malformed(error)
        }
        return try readRare(specification, key, &reader)
    }

    @_lifetime(reader: copy reader)
    private static func readRare(
        _ specification: AttributeSpecification, _ key: AbbreviationTable.Key, _ reader: inout ByteReader
    ) throws(DebugError) -> AttributeValue {
        guard specification.form == Form.indirect else {
            try SkipStep.skip(form: specification.form, key, &reader)
            return .other
        }
        var direct = specification
        do {
            direct.form = UInt16(truncatingIfNeeded: try reader.readNumber())
        } catch {
            throw .malformed(error)
        }
        guard direct.form != Form.indirect, direct.form != Form.implicitConst else { throw .unknownForm(Form.indirect) }
        return try read(direct, key, &reader)
    }
}

extension ByteReader {
    @inline(__always)
    @_lifetime(self: copy self)
    fileprivate mutating func readOffset(_ key: AbbreviationTable.Key) throws(ReadError) -> UInt64 {
        key.offsetSize == 4 ? UInt64(try read(UInt32.self)) : try read(UInt64.self)
    }
}
