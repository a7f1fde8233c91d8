import Primitives

/// Puts results together for the addresses of one unit. What neighbouring addresses share is made once: the functions, and
/// the chain of inlined calls around each piece of code.
struct InlineChains {
    /// What was made for a node.
    private struct Known {
        /// The symbol that it was made for, as the name of the outermost function may come from it; −2 for nothing yet.
        var symbol: Int32 = -2
        /// The function's number in the name resolver.
        var number: Int32 = -1
        var function: SymbolizedFunction?
        var inlinedAt: InlinedCall?
    }

    private let nodes: [UnitScan.Node]
    private let files: FileTable?
    private var known: [Known]
    /// The nodes that wait for those around them, in one array for all addresses.
    private var path: [Int] = []

    init(_ nodes: [UnitScan.Node], files: FileTable?) {
        self.nodes = nodes
        self.files = files
        known = [Known](repeating: Known(), count: nodes.count)
    }

    /// The functions at an address of node `innermost` and source line `line`, inside of the symbol with this number.
    mutating func address(
        at innermost: Int32, _ line: SourceLine?, symbol: Int32, _ names: inout NameResolver,
        _ functions: inout FunctionStore
    ) -> SymbolizedAddress {
        let node = Int(innermost)
        if known[node].symbol != symbol { prepare(node, symbol, &names, &functions) }
        guard let function = known[node].function else { return SymbolizedAddress() }
        return SymbolizedAddress(
            Self.frame(function, known[node].number, files, line, &names),
            inlinedAt: known[node].inlinedAt)
    }

    /// Makes what is not known of `node` and the nodes around it.
    private mutating func prepare(
        _ node: Int, _ symbol: Int32, _ names: inout NameResolver, _ functions: inout FunctionStore
    ) {
        path.removeAll(keepingCapacity: true)
        var index = node
        while index >= 0, known[index].symbol != symbol {
            path.append(index)
            index = Int(nodes[index].parent)
        }
        for index in path.reversed() {
            let node = nodes[index]
            if known[index].number < 0 { known[index].number = names.number(of: node.function) }
            let number = known[index].number
            let parent = Int(node.parent)
            if parent >= 0, let caller = known[parent].function {
                known[index].function = names.function(number, &functions)
                known[index].inlinedAt = InlinedCall(
                    caller: Self.frame(
                        caller, known[parent].number, files, SourceLine(file: node.callFile, line: node.callLine),
                        &names),
                    next: known[parent].inlinedAt)
            } else {
                known[index].function =
                    functions.function(names[number], symbol: symbol) ?? names.function(number, &functions)
            }
            known[index].symbol = symbol
        }
    }

    /// Line 0 is what compilers write for code that belongs to no line; the declaration is the next best.
    private static func frame(
        _ function: SymbolizedFunction, _ number: Int32, _ files: FileTable?, _ line: SourceLine?,
        _ names: inout NameResolver
    ) -> SymbolizedFrame {
        if line?.line ?? 0 == 0, names[number].declarationLine != 0, !names[number].declarationFile.isEmpty {
            return SymbolizedFrame(
                function, file: names[number].declarationFile, line: Int(clamping: names[number].declarationLine))
        }
        guard let line else { return SymbolizedFrame(function) }
        return SymbolizedFrame(function, file: files?.path(UInt64(line.file)) ?? "", line: Int(clamping: line.line))
    }
}
