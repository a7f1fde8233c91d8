/// Makes the functions of one file's results: of what debug information and symbols say of each, once, with readable names
/// if these are asked for.
struct FunctionStore: ~Copyable {
    let symbols: SymbolTable
    private let demanglers: Demanglers
    private var demangler: Demangler
    /// By linkage name: units have entries of their own for the same function.
    private var readableNames: [String: String?] = [:]
    /// The symbol found last and its function, if it was asked for: addresses come in ascending order.
    private var last: (number: Int32, range: Range<UInt64>) = (-1, 0..<0)
    private var lastFunction: SymbolizedFunction?

    init(_ symbols: SymbolTable, _ demanglers: Demanglers) {
        self.symbols = symbols
        self.demanglers = demanglers
        demangler = Demangler(usingSystemDemanglers: demanglers == .all)
    }

    /// The number of the symbol around `address`; −1 if there is none. O(log n), O(1) within the last one.
    mutating func symbol(at address: UInt64) -> Int32 {
        if !last.range.contains(address) {
            last = symbols.symbol(at: address)
            lastFunction = nil
        }
        return last.number
    }

    /// The function of the symbol around `address`; nil if there is none.
    mutating func function(at address: UInt64) -> SymbolizedFunction? {
        let symbol = symbol(at: address)
        if symbol < 0 { return nil }
        if let lastFunction { return lastFunction }
        let function = function(named: symbols.name(ofSymbol: symbol))
        lastFunction = function
        return function
    }

    /// A function of that name; `displayName` is a better one for readers than demangling gives.
    mutating func function(named name: String, displayName: String? = nil, startLine: Int = 0) -> SymbolizedFunction {
        let readable = if let displayName { shortened(displayName) } else { readableName(name) }
        return SymbolizedFunction(linkageName: name, displayName: readable, startLine: startLine)
    }

    /// The function that debug information says `names` of.
    mutating func function(_ names: FunctionNames) -> SymbolizedFunction {
        function(
            named: names.ownName, displayName: names.scopedName, startLine: Int(clamping: names.declarationLine))
    }

    /// The same, with the linker's name for the physical function where that says more; nil where it does not.
    mutating func function(_ names: FunctionNames, symbol: Int32) -> SymbolizedFunction? {
        guard symbol >= 0 else { return nil }
        let symbol = symbols.name(ofSymbol: symbol)
        let name = names.ownName
        if symbol == name { return nil }
        let base = withoutSuffixes(symbol)
        let startLine = Int(clamping: names.declarationLine)
        if name.isEmpty || base == name[...] {
            // A copy or a part of it (`f.isra.0`): readers get the function's name, which has no such mark.
            return function(named: symbol, displayName: names.scopedName, startLine: startLine)
        }
        if !names.hasLinkageName, ["_Z", "_R", "$s", "$S", "_T"].contains(where: { base.hasPrefix($0) }) {
            return function(named: symbol, startLine: startLine)
        }
        return nil
    }

    private func shortened(_ name: String) -> String {
        demanglers == .none ? name : StandardTypeNames.shorten(name)
    }

    private mutating func readableName(_ name: String) -> String? {
        if demanglers == .none { return nil }
        if let known = readableNames[name] { return known }
        let readable = demangler.demangle(name).map(StandardTypeNames.shorten)
        readableNames[name] = .some(readable)
        return readable
    }
}
