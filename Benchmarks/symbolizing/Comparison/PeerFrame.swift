/// What another tool says of one function around an address.
package struct PeerFrame: Hashable {
    /// The linkage name, or the plain one where there is no other; empty if the tool knows none.
    package var name = ""
    /// The normalised path; empty if the tool knows none.
    package var file = ""
    package var line = 0
    /// Where the function is declared, from a tool that tells.
    package var declarationFile = ""
    package var declarationLine = 0

    /// Whether nothing is known.
    var isEmpty: Bool { name.isEmpty && file.isEmpty && line == 0 }
}
