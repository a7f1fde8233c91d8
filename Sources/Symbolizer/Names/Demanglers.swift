/// Which demanglers make the names of functions readable.
public enum Demanglers: Hashable, Sendable {
    /// None: functions have their linkage names only.
    case none
    /// Those of sprof, which read Rust's names: no name can crash them.
    case own
    /// The system's for C++ and Swift as well.
    case all
}
