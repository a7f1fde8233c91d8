extension CxxDemangler {
    @inline(__always)
    mutating func word(_ word: CxxWord) throws(CxxDemanglingError) -> CxxNodeID {
        try leaf(.word, Int(word.rawValue))
    }

    /// One name without scopes of its own, with its tags, in `scope` if there is one.
    mutating func unqualifiedName(in scope: CxxNodeID) throws(CxxDemanglingError) -> CxxNodeID {
        var result: CxxNodeID
        switch Unicode.Scalar(next) {
        case "0"..."9": result = try sourceName()
        case "a"..."z": result = try functionOperatorName()
        case "C", "D": result = try constructorOrDestructor()
        case "L":
            position += 1
            result = try sourceName()
            try discriminator()
        case "U":
            switch Unicode.Scalar(second) {
            case "l": result = try lambda()
            case "t": result = try unnamedType()
            default: throw .unknown
            }
        default: throw .unknown
        }
        if next == UInt8(ascii: "B") { result = try tagged(result) }
        return scope.exists ? try node(.qualifiedName, scope, result) : result
    }

    /// `name` with its ABI tags, `B` and a name each.
    private mutating func tagged(_ name: CxxNodeID) throws(CxxDemanglingError) -> CxxNodeID {
        let named = lastName
        var result = name
        while eat("B") { result = try node(.taggedName, result, sourceName()) }
        lastName = named
        return result
    }

    /// A length and an identifier.
    mutating func sourceName() throws(CxxDemanglingError) -> CxxNodeID {
        var length = 0
        var start = position
        while case let digit = input[start] &- UInt8(ascii: "0"), digit < 10 {
            length = length &* 10 &+ Int(digit)
            guard length <= DemanglingLimits.inputByteCount else { throw .unknown }
            start &+= 1
        }
        guard length > 0, length < input.count &- start else { throw .unknown }
        position = start &+ length
        // Namespaces without a name get one from the compiler: _GLOBAL__N_1.
        if input[start] == UInt8(ascii: "_"), length >= 10, input.holds("_GLOBAL_", at: start),
            input[start + 9] == UInt8(ascii: "N")
        {
            switch Unicode.Scalar(input[start + 8]) {
            case ".", "_", "$":
                lastName = try word(.anonymousNamespace)
                return lastName
            default: break
            }
        }
        lastName = try leaf(.name, start, length)
        return lastName
    }

    /// An operator function, a conversion, or the suffix of a literal.
    private mutating func functionOperatorName() throws(CxxDemanglingError) -> CxxNodeID {
        let wasInExpression = isInExpression
        if next == UInt8(ascii: "o"), second == UInt8(ascii: "n") {
            position += 2
            isInExpression = false
        }
        defer { isInExpression = wasInExpression }
        let first = try take()
        let code = CxxOperator.code(first, try take())
        if code == CxxOperator.code("cv") { return try conversion() }
        if code == CxxOperator.code("li") { return try node(.literalOperator, sourceName()) }
        guard CxxOperator(code) != nil else { throw .unknown }
        return try leaf(.operatorName, code: code)
    }

    /// Behind `cv`: the type that is converted to. In expressions it would be a cast.
    private mutating func conversion() throws(CxxDemanglingError) -> CxxNodeID {
        let wasInConversion = isInConversion
        isInConversion = !isInExpression
        let type = try type()
        let kind: CxxNodeKind = isInConversion ? .conversion : .unshownCast
        isInConversion = wasInConversion
        if nodes[type].dependence.contains(.lambda) { hasOpenConversion = true }
        let result = try node(kind, type)
        let template = nodes[type]
        if template.kind == .template {
            // It is written in two parts, and not without the declarator around it as other templates are.
            nodes[result].dependence.formUnion(nodes[template.left].dependence)
            nodes[result].dependence.formUnion(nodes[template.right].dependence)
        }
        return result
    }

    private mutating func constructorOrDestructor() throws(CxxDemanglingError) -> CxxNodeID {
        let name = lastName
        guard name.exists else { throw .unknown }
        if eat("D") {
            switch Unicode.Scalar(try take()) {
            case "0", "1", "2", "4", "5": return try node(.destructor, name)
            default: throw .unknown
            }
        }
        try expect("C")
        let inherits = eat("I")
        guard case "1"..."5" = Unicode.Scalar(try take()) else { throw .unknown }
        // The type that it is inherited from is not shown, and can change what was named last.
        if inherits { _ = try type() }
        return try node(.constructor, lastName)
    }

    /// `Ul` parameters `E`, a number.
    private mutating func lambda() throws(CxxDemanglingError) -> CxxNodeID {
        position += 2
        if next == UInt8(ascii: "T") {
            switch Unicode.Scalar(second) {
            // Template parameters that it has names for: rare, and their text has changed.
            case "p", "y", "n", "t": throw .unknown
            default: break
            }
        }
        let parameters = try parameters()
        try expect("E")
        let number = try compactNumber()
        let result = try numbered(.lambda, parameters, number)
        // Template parameters among its parameters are not those of what is around it.
        nodes[result].dependence.formIntersection(.declarator)
        return result
    }

    /// A node over one other, with a number.
    mutating func numbered(
        _ kind: CxxNodeKind, _ inner: CxxNodeID, _ number: Int
    ) throws(CxxDemanglingError) -> CxxNodeID {
        let result = try node(kind, inner)
        nodes[result].right = CxxNodeID(number: Int32(truncatingIfNeeded: number))
        return result
    }

    /// `Ut`, a number.
    private mutating func unnamedType() throws(CxxDemanglingError) -> CxxNodeID {
        position += 2
        let result = try leaf(.unnamedType, compactNumber())
        substitutions.append(result)
        return result
    }

    /// `S`, which comes next, and what it stands for: something that was read before, or an abbreviation. `isPrefix` says that names in it may
    /// follow.
    mutating func substitution(isPrefix: Bool) throws(CxxDemanglingError) -> CxxNodeID {
        position &+= 1
        let first = try take()
        var index = 0
        switch Unicode.Scalar(first) {
        case "_": break
        case "0"..."9", "A"..."Z":
            var digit = first
            while digit != UInt8(ascii: "_") {
                let value: UInt8
                switch Unicode.Scalar(digit) {
                case "0"..."9": value = digit &- UInt8(ascii: "0")
                case "A"..."Z": value = digit &- UInt8(ascii: "A") &+ 10
                default: throw .unknown
                }
                index = index &* 36 &+ Int(value)
                guard index < DemanglingLimits.inputByteCount else { throw .unknown }
                digit = try take()
            }
            index += 1
        default: return try abbreviation(first, isPrefix: isPrefix)
        }
        guard index < substitutions.count else { throw .unknown }
        return substitutions[index]
    }

    private mutating func abbreviation(_ letter: UInt8, isPrefix: Bool) throws(CxxDemanglingError) -> CxxNodeID {
        let result: CxxNodeID
        if letter == UInt8(ascii: "t") {
            result = try leaf(.abbreviation, Int(CxxWord.std.rawValue))
        } else {
            guard let known = CxxAbbreviation(letter) else { throw .unknown }
            lastName = try leaf(.abbreviation, Int(known.constructor.rawValue))
            let isClass = isPrefix && (next == UInt8(ascii: "C") || next == UInt8(ascii: "D"))
            result = try leaf(.abbreviation, Int((isClass ? known.full : known.short).rawValue))
        }
        // With tags it is a substitution itself, which is counted twice by some demanglers.
        guard next != UInt8(ascii: "B") else { throw .unknown }
        return result
    }
}
