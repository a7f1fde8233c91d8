/// A rule of the format that a profile breaks.
public enum ProfileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// There are samples, but nothing says what their values are.
    case missingSampleTypes
    /// A sample has another number of values than there are sample types.
    case valueCountMismatch(values: Int, types: Int)
    /// A sample names a location that does not exist.
    case unknownLocation
    /// A mapping has the id 0.
    case mappingWithoutID
    /// Two mappings have the same id.
    case duplicateMapping(UInt64)
    /// A function has the id 0.
    case functionWithoutID
    /// Two functions have the same id.
    case duplicateFunction(UInt64)
    /// A location has the id 0.
    case locationWithoutID
    /// Two locations have the same id.
    case duplicateLocation(UInt64)
    /// A line of the location with this id names a function that does not exist.
    case unknownFunction(location: UInt64)
    /// The location with this id names a mapping that does not exist.
    case unknownMapping(location: UInt64)
    /// A string is named that the string table does not have.
    case unknownString
    /// Two sample types have the same type and unit.
    case duplicateSampleType(String)
    /// The default sample type is not the type of any sample type; empty if none is set.
    case unknownDefaultSampleType(String)

    /// The rule in the words of pprof where it has the same rule.
    public var description: String {
        switch self {
        case .missingSampleTypes: "missing sample type information"
        case .valueCountMismatch(let values, let types):
            "mismatch: sample has \(values) values vs. \(types) types"
        case .unknownLocation: "sample has nil location"
        case .mappingWithoutID: "found mapping with reserved ID=0"
        case .duplicateMapping(let id): "multiple mappings with same id: \(id)"
        case .functionWithoutID: "found function with reserved ID=0"
        case .duplicateFunction(let id): "multiple functions with same id: \(id)"
        case .locationWithoutID: "found location with reserved id=0"
        case .duplicateLocation(let id): "multiple locations with same id: \(id)"
        case .unknownFunction(let location): "location id: \(location) has a line with nil function"
        case .unknownMapping(let location): "location id: \(location) has an unknown mapping"
        case .unknownString: "malformed profile format"
        case .duplicateSampleType(let type): "duplicate sample type \(type)"
        case .unknownDefaultSampleType(""): "no default sample type"
        case .unknownDefaultSampleType(let type): "default sample type \(type) is not a sample type"
        }
    }
}
