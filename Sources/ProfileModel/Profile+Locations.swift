extension Profile {
    /// For each mapping, the positions in `locations` of its locations, ascending. O(locations + mappings).
    public var locationsByMapping: [[Int]] {
        var result = [[Int]](repeating: [], count: mappings.count)
        for (index, location) in locations.enumerated() {
            if let mapping = location.mapping { result[Int(mapping.rawValue)].append(index) }
        }
        return result
    }
}
