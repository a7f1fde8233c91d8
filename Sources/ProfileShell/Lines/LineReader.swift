/// Where the shell's lines come from.
public protocol LineReader {
    /// The next line without its end, or nil when there are no more; an empty one in place of a line that Ctrl-C ended.
    mutating func readLine() -> String?
}
