/// Which demanglers make the names of functions readable.
public enum Demanglers: Hashable, Sendable {
    /// None: functions have their linkage names only.
    case none
    /// Those of sprof, which read names of Rust and all but rare ones of C++: no name can crash them.
    case own
    /// The system's for Swift and the rest of C++ as well.
    case all
}
