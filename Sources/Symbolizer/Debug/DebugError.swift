import Primitives

/// Why a piece of debug information could not be used.
enum DebugError: Error, Hashable {
    /// A field lies outside its section, or a number or string does not end.
    case malformed(ReadError)
    /// An abbreviation code that the unit's table does not define.
    case unknownAbbreviation(UInt64)
    /// An attribute form that this decoder does not know, and so cannot skip.
    case unknownForm(UInt16)
    /// A version, address size or unit kind beyond DWARF 2 to 5.
    case unsupported(String)
    /// More nesting, entries or references than a sane file has.
    case limitExceeded(String)
}

extension DebugError: CustomStringConvertible {
    var description: String {
        switch self {
        case .malformed(.outOfBounds): "a field lies outside its section"
        case .malformed(.numberTooLarge): "a number does not fit into 64 bits"
        case .malformed(.unterminatedString): "a string does not end"
        case .unknownAbbreviation(let code): "abbreviation \(code) is not defined"
        case .unknownForm(let form): "unknown attribute form " + hexadecimal(UInt64(form))
        case .unsupported(let what): "unsupported " + what
        case .limitExceeded(let what): "too many " + what
        }
    }
}
