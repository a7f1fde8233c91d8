/// How our answer for an address differs from another tool's. docs/symbolizing-differences.md says of each who is right.
package enum Difference: String, CaseIterable {
    // With nothing to explain it.
    case chain = "other functions"
    case name = "another name"
    case position = "another file or line"
    case declaration = "another line of declaration"

    // Explained, each by what is checked where it is found.
    case lineZero = "line 0, ours the declaration's"
    case peerHasNothing = "nothing, ours a symbol"
    case peerHasNoName = "no name, ours one"
    case symbolName = "a plain name, ours the symbol's"
    case copyMark = "the function without the mark of its copy or part"
    case folded = "another symbol at the address, ours debug information's"
    case stub = "the symbol before, ours the stub's function"
    case beyondSymbol = "a symbol that ends before the address, ours nothing"
    case betweenFunctions = "a line outside of functions, ours nothing"
    case sourceFileSymbol = "a file without line from the symbol table, ours none"
    case peerChain = "fewer functions than libdw finds"
    case peerName = "another name than libdw finds"
    case peerPosition = "another line than libdw finds"

    /// Whether the difference is a reason to fail.
    package var isUnexplained: Bool {
        switch self {
        case .chain, .name, .position, .declaration: true
        default: false
        }
    }
}
