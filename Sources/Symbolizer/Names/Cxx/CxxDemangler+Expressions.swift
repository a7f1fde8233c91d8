extension CxxDemangler {
    /// An expression, as in `decltype`, in arguments of templates and in dimensions.
    mutating func expression() throws(CxxDemanglingError) -> CxxNodeID {
        let wasInExpression = isInExpression
        isInExpression = true
        let result = try operand()
        isInExpression = wasInExpression
        return result
    }

    /// An expression inside another one.
    private mutating func operand() throws(CxxDemanglingError) -> CxxNodeID {
        try enter()
        defer { leave() }
        let first = next
        let second = second
        switch Unicode.Scalar(first) {
        case "L": return try literal()
        case "T": return try templateParameter()
        case "s" where second == UInt8(ascii: "r"): return try unresolvedName()
        case "s" where second == UInt8(ascii: "p"):
            position += 2
            return try node(.packExpansion, operand())
        case "f" where second == UInt8(ascii: "p"):
            position += 2
            return try leaf(.functionParameter, eat("T") ? 0 : compactNumber() + 1)
        case "0"..."9": return try nameWithArguments()
        case "o" where second == UInt8(ascii: "n"):
            position += 2
            return try nameWithArguments()
        case "i" where second == UInt8(ascii: "l"), "t" where second == UInt8(ascii: "l"):
            position += 2
            let type = first == UInt8(ascii: "t") ? try type() : .none
            guard next != 0, self.second != 0 else { throw .unknown }
            return try node(.initializerList, type, expressions(upTo: "E"))
        case "c" where second == UInt8(ascii: "v"):
            position += 2
            return try cast()
        default: break
        }
        let code = CxxOperator.code(try take(), try take())
        guard let known = CxxOperator(code) else { throw .unknown }
        switch known.operandCount {
        case 0: return try leaf(.nullary, code: code)
        case 1: return try unary(code)
        case 2: return try binary(code)
        default: return try ternary(code)
        }
    }

    private mutating func unary(_ code: UInt16) throws(CxxDemanglingError) -> CxxNodeID {
        switch code {
        case CxxOperator.code("st"): return try node(.unary, type(), code: code)
        case CxxOperator.code("sP"): return try node(.unary, templateArgumentsBehindStart(), code: code)
        case CxxOperator.code("pp"), CxxOperator.code("mm"):
            // With an underscore it stands in front.
            let kind: CxxNodeKind = eat("_") ? .unary : .postfix
            return try node(kind, operand(), code: code)
        default: return try node(.unary, operand(), code: code)
        }
    }

    /// Behind `cv`: a type, and what is converted to it.
    private mutating func cast() throws(CxxDemanglingError) -> CxxNodeID {
        let wasInConversion = isInConversion
        isInConversion = false
        let type = try type()
        isInConversion = wasInConversion
        let value = eat("_") ? try expressions(upTo: "E") : try operand()
        return try node(.cast, type, value)
    }

    private mutating func binary(_ code: UInt16) throws(CxxDemanglingError) -> CxxNodeID {
        let left: CxxNodeID
        switch code {
        case CxxOperator.code("cc"), CxxOperator.code("dc"), CxxOperator.code("rc"), CxxOperator.code("sc"):
            left = try type()
        case CxxOperator.code("fl"), CxxOperator.code("fr"):
            let repeated = try repeatedOperator()
            return try node(.fold, repeated, node(.pair, operand()), code: code)
        default: left = try operand()
        }
        let right: CxxNodeID
        switch code {
        case CxxOperator.code("cl"): right = try expressions(upTo: "E")
        case CxxOperator.code("dt"), CxxOperator.code("pt"):
            let isQualified =
                next == UInt8(ascii: "g") && second == UInt8(ascii: "s")
                || next == UInt8(ascii: "s") && second == UInt8(ascii: "r")
            right = isQualified ? try operand() : try nameWithArguments()
        default: right = try operand()
        }
        return try node(.binary, left, right, code: code)
    }

    private mutating func ternary(_ code: UInt16) throws(CxxDemanglingError) -> CxxNodeID {
        switch code {
        case CxxOperator.code("qu"):
            let condition = try operand()
            let second = try operand()
            return try node(.conditional, condition, node(.pair, second, operand()), code: code)
        case CxxOperator.code("fL"), CxxOperator.code("fR"):
            let repeated = try repeatedOperator()
            let first = try operand()
            return try node(.fold, repeated, node(.pair, first, operand()), code: code)
        default: throw .unknown
        }
    }

    /// The operator of a fold expression.
    private mutating func repeatedOperator() throws(CxxDemanglingError) -> CxxNodeID {
        let code = CxxOperator.code(try take(), try take())
        guard CxxOperator(code) != nil else { throw .unknown }
        return try leaf(.operatorName, code: code)
    }

    private mutating func nameWithArguments() throws(CxxDemanglingError) -> CxxNodeID {
        let name = try unqualifiedName(in: .none)
        return next == UInt8(ascii: "I") ? try template(name) : name
    }

    /// `sr`: a name in a type that depends on template arguments, or in scopes up to `E`.
    private mutating func unresolvedName() throws(CxxDemanglingError) -> CxxNodeID {
        position += 2
        let scope: CxxNodeID
        switch Unicode.Scalar(next) {
        case "0"..."9", "a"..."z", "C", "U", "L":
            // Old compilers wrote no E; then the name turns out not to be one, and the system's demangler is asked.
            scope = try prefix(isSubstitutable: false)
            _ = eat("E")
        default: scope = try type()
        }
        let name = try unqualifiedName(in: scope)
        // GCC 13's demangler writes parentheses around a template here, GCC 12's does not.
        guard next != UInt8(ascii: "I") else { throw .unknown }
        return name
    }

    private mutating func expressions(upTo end: Unicode.Scalar) throws(CxxDemanglingError) -> CxxNodeID {
        if eat(end) { return try node(.list, .none) }
        var list = CxxList()
        repeat { try add(expression(), .list, to: &list) } while !eat(end)
        return list.first
    }

    /// `L`: a value with its type, or a function or variable.
    mutating func literal() throws(CxxDemanglingError) -> CxxNodeID {
        try expect("L")
        // Some versions of GCC left the underscore out.
        if next == UInt8(ascii: "_") || next == UInt8(ascii: "Z") {
            _ = eat("_")
            try expect("Z")
            let result = try encoding(isWhole: false)
            try expect("E")
            return result
        }
        let type = try type()
        let typeNode = nodes[type]
        if typeNode.kind == .builtin, typeNode.left.number == CxxBuiltin.extended + Int32(UInt8(ascii: "n")), eat("E") {
            return type
        }
        let kind: CxxNodeKind = eat("n") ? .negativeLiteral : .literal
        let start = position
        while next != UInt8(ascii: "E") { try advance() }
        guard position > start else { throw .unknown }
        let digits = try leaf(.name, start, position - start)
        try expect("E")
        return try node(kind, type, digits)
    }
}
