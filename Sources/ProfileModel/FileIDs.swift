/// The ids that locations and mappings have in the file that a profile was read from.
///
/// Nothing in a profile refers to them; they are shown where a report lists what the file says.
public struct FileIDs: Hashable, Sendable {
    private let locations: [UInt64]
    private let mappings: [UInt64]

    /// Ids by position; an empty array stands for ids that count from 1.
    public init(locations: [UInt64] = [], mappings: [UInt64] = []) {
        self.locations = locations
        self.mappings = mappings
    }

    /// The id of the location at `index`; one that was added later counts on from the highest.
    public func id(of index: LocationIndex) -> UInt64 {
        Self.id(Int(index.rawValue), in: locations)
    }

    /// The id of the mapping at `index`.
    public func id(of index: MappingIndex) -> UInt64 {
        Self.id(Int(index.rawValue), in: mappings)
    }

    private static func id(_ position: Int, in ids: [UInt64]) -> UInt64 {
        if position < ids.count { return ids[position] }
        if ids.isEmpty { return UInt64(position) + 1 }
        return (ids.max() ?? 0) &+ UInt64(position - ids.count) &+ 1
    }
}
