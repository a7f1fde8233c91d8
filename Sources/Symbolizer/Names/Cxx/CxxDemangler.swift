/// A demangler of C++ names (`_Z…`, Itanium C++ ABI, 5.1), with its memory, that is made once and used for many names.
///
/// Its text is that of GNU's demangler, which is libstdc++'s `__cxa_demangle` and the one in c++filt, gdb and perf. Whatever
/// it does not know for certain, it says so (``CxxDemanglingError/unknown``). Where the ABI says nothing about the text, and
/// where GNU's follows neither the ABI nor the language, the source of facts is what that demangler does
/// (gcc:libiberty/cp-demangle.c, observed in GCC 12's).
///
/// A name is read into a graph of nodes, and written from it. Pieces whose text is the same wherever they stand are written
/// once: what refers to them again is copied from the output. Memory-safe and bounded by ``DemanglingLimits``.
struct CxxDemangler: ~Copyable {
    // MARK: What is read

    /// The name behind its prefix `_Z`, and a zero.
    var input = FlatBuffer<UInt8>(capacity: 1024)
    var position = 0
    var nodes = FlatBuffer<CxxNode>(capacity: 512)
    /// What `S_`, `S0_`, … stand for.
    var substitutions = FlatBuffer<CxxNodeID>(capacity: 128)
    /// The identifier read last: what a constructor is called.
    var lastName = CxxNodeID.none
    var isInExpression = false
    var isInConversion = false
    /// Whether a conversion to a type with template parameters was read: whose they are is not known before it is written.
    var hasOpenConversion = false
    private var depth = 0
    private var stepCount = 0

    // MARK: What is written

    var output = FlatBuffer<UInt8>(capacity: 4096)
    /// Where the output ended when a comma with nothing behind it was taken back last.
    var strippedEnd = -1
    /// The declarator around the type that is written: each element refers to the next one outwards.
    var modifiers = FlatBuffer<CxxModifier>(capacity: 64)
    /// The innermost of them, −1 for none.
    var modifier: Int32 = -1 {
        didSet { if modifier < 0 { surroundings.remove(.declarator) } else { surroundings.insert(.declarator) } }
    }
    /// Templates whose arguments can be referred to: each element refers to the one around it.
    var scopes = FlatBuffer<CxxScope>(capacity: 64)
    /// The innermost of them, −1 for none.
    var scope: Int32 = -1
    /// How often a parameter was one of another scope than the innermost: what was written then can be another elsewhere.
    var foreignScopeCount = 0
    /// Which element of a pack of arguments a parameter stands for; −1 for all.
    var packIndex = 0
    /// Whether parameters are those of a generic lambda, which have no arguments.
    var isInLambda = false {
        didSet { if isInLambda { surroundings.insert(.lambda) } else { surroundings.remove(.lambda) } }
    }
    /// What is around the node that is written and can change its text.
    private(set) var surroundings = CxxDependence.arguments
    /// The template that is written, whose arguments a conversion operator's type can refer to.
    var enclosingTemplate = CxxNodeID.none

    /// The readable form of `name`, which starts with `_Z`.
    mutating func demangle(_ name: Span<UInt8>) throws(CxxDemanglingError) -> String {
        start(name)
        let root = try encoding()
        guard position == input.count - 1 else { throw .unknown }
        try write(root)
        guard output.count > 0 else { throw .unknown }
        return output.text
    }

    private mutating func start(_ name: Span<UInt8>) {
        input.truncate(to: 0)
        input.append(name.extracting(2..<name.count))
        input.append(0)
        position = 0
        nodes.truncate(to: 0)
        substitutions.truncate(to: 0)
        lastName = .none
        isInExpression = false
        isInConversion = false
        hasOpenConversion = false
        depth = 0
        stepCount = 0
        output.truncate(to: 0)
        strippedEnd = -1
        modifiers.truncate(to: 0)
        modifier = -1
        scopes.truncate(to: 0)
        scope = -1
        foreignScopeCount = 0
        packIndex = 0
        isInLambda = false
        enclosingTemplate = .none
    }

    // MARK: Limits

    /// Counts one production inside another; `leave()` ends it.
    @inline(__always)
    mutating func enter() throws(CxxDemanglingError) {
        depth &+= 1
        if depth > DemanglingLimits.depth { throw .refused }
    }

    @inline(__always)
    mutating func leave() {
        depth &-= 1
    }

    /// Counts work that is not bounded by the length of the name.
    @inline(__always)
    mutating func count(_ steps: Int) throws(CxxDemanglingError) {
        stepCount &+= steps
        if stepCount > DemanglingLimits.stepCount { throw .refused }
    }

    // MARK: Input

    /// The next byte; 0 at the end.
    @inline(__always)
    var next: UInt8 { input[position] }

    /// The byte behind the next one; 0 at the end.
    @inline(__always)
    var second: UInt8 { position &+ 1 < input.count ? input[position &+ 1] : 0 }

    /// Moves behind the next byte, which is not the end.
    @inline(__always)
    mutating func advance() throws(CxxDemanglingError) {
        guard position < input.count &- 1 else { throw .unknown }
        position &+= 1
    }

    @inline(__always)
    mutating func take() throws(CxxDemanglingError) -> UInt8 {
        let byte = next
        try advance()
        return byte
    }

    @inline(__always)
    mutating func eat(_ tag: Unicode.Scalar) -> Bool {
        guard input[position] == UInt8(ascii: tag) else { return false }
        position &+= 1
        return true
    }

    @inline(__always)
    mutating func expect(_ tag: Unicode.Scalar) throws(CxxDemanglingError) {
        guard eat(tag) else { throw .unknown }
    }

    /// A decimal number, negative behind `n`; 0 without digits. One of more than 31 bits is not valid.
    mutating func number() throws(CxxDemanglingError) -> Int {
        let isNegative = eat("n")
        var value = 0
        while case let digit = next &- UInt8(ascii: "0"), digit < 10 {
            value = value &* 10 &+ Int(digit)
            guard value <= Int32.max else { throw .unknown }
            position &+= 1
        }
        return isNegative ? -value : value
    }

    /// `_` is 0, a number and `_` the number more one.
    mutating func compactNumber() throws(CxxDemanglingError) -> Int {
        if eat("_") { return 0 }
        guard next != UInt8(ascii: "n") else { throw .unknown }
        let value = try number() + 1
        guard value <= Int32.max else { throw .unknown }
        try expect("_")
        return value
    }

    // MARK: Nodes

    /// A node without nodes below it.
    @inline(__always)
    mutating func leaf(
        _ kind: CxxNodeKind, _ left: Int = 0, _ right: Int = 0, code: UInt16 = 0
    ) throws(CxxDemanglingError) -> CxxNodeID {
        try append(
            CxxNode(
                kind: kind, dependence: [], code: code,
                left: CxxNodeID(number: Int32(truncatingIfNeeded: left)),
                right: CxxNodeID(number: Int32(truncatingIfNeeded: right))))
    }

    /// A node over others, whose text depends on what theirs depends on.
    @inline(__always)
    mutating func node(
        _ kind: CxxNodeKind, _ left: CxxNodeID, _ right: CxxNodeID = .none, code: UInt16 = 0
    ) throws(CxxDemanglingError) -> CxxNodeID {
        var dependence = CxxDependence()
        if left.exists { dependence = nodes[left].dependence }
        if right.exists { dependence.formUnion(nodes[right].dependence) }
        return try append(CxxNode(kind: kind, dependence: dependence, code: code, left: left, right: right))
    }

    @inline(__always)
    mutating func append(_ node: CxxNode) throws(CxxDemanglingError) -> CxxNodeID {
        let number = nodes.count
        guard number < DemanglingLimits.stepCount else { throw .refused }
        nodes.append(node)
        return CxxNodeID(number: Int32(truncatingIfNeeded: number))
    }
}

extension FlatBuffer<CxxNode> {
    subscript(id: CxxNodeID) -> CxxNode {
        @inline(__always) get { self[Int(id.number)] }
        @inline(__always) _modify { yield &self[Int(id.number)] }
    }
}
