/// Aligns cells that end with tabs, each column to the right, as Go's `text/tabwriter` does with padding 1 and
/// `AlignRight`: cells of neighbouring lines that have the same number of cells before them make a column.
enum TabbedColumns {
    /// `text` with spaces in place of its tabs.
    static func align(_ text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.split(separator: "\t", omittingEmptySubsequences: false)
        }
        // The last cell of a line ends with no tab and belongs to no column.
        let columnCounts = lines.map { $0.count - 1 }
        var widths = columnCounts.map { [Int](repeating: 0, count: $0) }
        for column in 0..<(columnCounts.max() ?? 0) {
            var start = 0
            while start < lines.count {
                guard columnCounts[start] > column else {
                    start += 1
                    continue
                }
                let end = columnCounts[start...].firstIndex { $0 <= column } ?? lines.count
                let width = lines[start..<end].map { $0[column].unicodeScalars.count }.max() ?? 0
                for line in start..<end { widths[line][column] = width + 1 }
                start = end
            }
        }
        return zip(lines, widths).map { cells, widths in
            cells.enumerated().map { column, cell in
                guard column < widths.count else { return String(cell) }
                return padded(String(cell), to: widths[column])
            }.joined()
        }.joined(separator: "\n")
    }
}
