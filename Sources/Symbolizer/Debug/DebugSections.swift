/// The sections of one file that names, ranges and lines are made of; `.none` where the file lacks one.
struct DebugSections {
    var info = SectionBytes.none
    var abbreviations = SectionBytes.none
    var strings = SectionBytes.none
    var lineStrings = SectionBytes.none
    var stringOffsets = SectionBytes.none
    var addresses = SectionBytes.none
    var ranges = SectionBytes.none
    var rangeLists = SectionBytes.none
    var lines = SectionBytes.none
    var addressRanges = SectionBytes.none
    /// .debug_cu_index of a .dwp package.
    var unitIndex = SectionBytes.none

    var byteCount: Int {
        [info, abbreviations, strings, lineStrings, stringOffsets, addresses, ranges, rangeLists, lines]
            .reduce(0) { $0 + $1.count }
    }
}
