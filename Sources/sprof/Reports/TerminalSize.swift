import Glibc

/// The size of the terminal that is written to.
enum TerminalSize {
    /// The columns of the terminal behind the descriptor `file`, or those that COLUMNS tells; nil if neither does.
    static func columns(of file: Int32) -> Int? {
        var size = winsize()
        if unsafe ioctl(file, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
        guard let text = text(ofEnvironment: "COLUMNS"), let columns = Int(text), columns > 0 else { return nil }
        return min(columns, 10_000)
    }
}
