import Primitives
public import ProfileModel

/// What stays of each frame when a profile is aggregated.
public struct FrameDetail: Sendable, Equatable {
    /// Inlined calls; else only the function that the code belongs to.
    public var inlines = true
    /// Names of functions.
    public var functions = true
    /// Source files.
    public var files = true
    /// Line numbers.
    public var lines = true
    /// Columns.
    public var columns = true
    /// Addresses.
    public var addresses = true

    /// Everything stays.
    public init() {}
}

// Facts: github.com/google/pprof `profile/profile.go` (`Aggregate`).
extension Profile {
    /// Clears what `detail` does not keep. Samples are not merged. O(locations).
    public mutating func aggregate(keeping detail: FrameDetail) {
        for index in mappings.indices {
            if !detail.inlines { mappings[index].hasInlineFrames = false }
            if !detail.functions { mappings[index].hasFunctions = false }
            if !detail.files { mappings[index].hasFilenames = false }
            if !detail.lines { mappings[index].hasLineNumbers = false }
        }
        if !detail.functions || !detail.files {
            for index in functions.indices {
                if !detail.functions {
                    functions[index].name = .empty
                    functions[index].systemName = .empty
                }
                if !detail.files { functions[index].filename = .empty }
            }
        }
        if detail.inlines, detail.lines, detail.columns, detail.addresses { return }
        for index in locations.indices {
            if !detail.inlines, locations[index].lines.count > 1 {
                locations[index].lines.removeFirst(locations[index].lines.count - 1)
            }
            for line in locations[index].lines.indices {
                if !detail.lines { locations[index].lines[line].line = 0 }
                if !detail.lines || !detail.columns { locations[index].lines[line].column = 0 }
            }
            if !detail.addresses { locations[index].address = Address(0) }
        }
    }
}
