extension CxxDemangler {
    /// Whether a qualifier of a type comes next.
    var isTypeQualifier: Bool {
        switch Unicode.Scalar(next) {
        case "r", "V", "K": true
        case "D":
            switch Unicode.Scalar(second) {
            case "x", "o", "O", "w": true
            default: false
            }
        default: false
        }
    }

    /// Any type.
    mutating func type() throws(CxxDemanglingError) -> CxxNodeID {
        let letter = next
        switch Unicode.Scalar(letter) {
        case "a"..."j", "l"..."o", "s", "t", "v"..."z":
            position &+= 1
            return try leaf(.builtin, Int(letter))
        case "1"..."9", "N", "Z", "S":
            try enter()
            let result = try name(isSubstitutable: true)
            leave()
            return result
        default: break
        }
        try enter()
        defer { leave() }
        let result: CxxNodeID
        switch Unicode.Scalar(letter) {
        case "r", "V", "K": result = try qualifiedType()
        case "P": result = try modified(.pointer)
        case "R": result = try modified(.reference)
        case "O": result = try modified(.rvalueReference)
        case "C": result = try modified(.complex)
        case "G": result = try modified(.imaginary)
        case "T":
            result = try templateParameterType()
        case "F": result = try functionType()
        case "A": result = try arrayType()
        case "M":
            position += 1
            let owner = try type()
            result = try node(.memberPointer, owner, type())
        case "u":
            position += 1
            result = try node(.vendorType, sourceName())
        case "U":
            position += 1
            var qualifier = try sourceName()
            if next == UInt8(ascii: "I") { qualifier = try template(qualifier) }
            result = try node(.vendorQualifier, type(), qualifier)
        case "D":
            if isTypeQualifier {
                result = try qualifiedType()
            } else if let substitutable = try extendedType() {
                result = substitutable
            } else {
                return CxxNodeID(number: Int32(truncatingIfNeeded: nodes.count - 1))
            }
        // Newer demanglers know names with other letters too.
        default: throw .unknown
        }
        substitutions.append(result)
        return result
    }

    /// A letter and the type that it makes another from.
    private mutating func modified(_ kind: CxxNodeKind) throws(CxxDemanglingError) -> CxxNodeID {
        position += 1
        return try node(kind, type())
    }

    /// Qualifiers and what they qualify, which together are one type for substitutions. In front of a function's type they are
    /// those of the object that it is called on.
    private mutating func qualifiedType() throws(CxxDemanglingError) -> CxxNodeID {
        let qualified = try qualifiers()
        guard let reference = qualified.reference else { return qualified.type }
        return try node(reference, qualified.type)
    }

    /// The next qualifier and all behind it; of a function's type also what has to stand outside of the qualifiers.
    private mutating func qualifiers() throws(CxxDemanglingError) -> (
        type: CxxNodeID, isFunction: Bool, reference: CxxNodeKind?
    ) {
        var kind: CxxNodeKind
        var operand = CxxNodeID.none
        switch Unicode.Scalar(try take()) {
        case "r": kind = .restrict
        case "V": kind = .volatile
        case "K": kind = .const
        default:
            switch Unicode.Scalar(try take()) {
            case "o": kind = .noexcept
            case "O":
                kind = .noexcept
                operand = try expression()
                try expect("E")
            case "w":
                kind = .throwSpecification
                operand = try parameters()
                try expect("E")
            default: throw .unknown
            }
        }
        let inner: (type: CxxNodeID, isFunction: Bool, reference: CxxNodeKind?)
        if next == UInt8(ascii: "F") {
            let function = try functionTypeWithoutReference()
            inner = (function.type, true, function.reference)
        } else if isTypeQualifier {
            try enter()
            inner = try qualifiers()
            leave()
        } else {
            inner = (try type(), false, nil)
            let innerKind = nodes[inner.type].kind
            if innerKind == .referenceThis || innerKind == .rvalueReferenceThis { throw .unknown }
        }
        if inner.isFunction {
            switch kind {
            case .restrict: kind = .restrictThis
            case .volatile: kind = .volatileThis
            case .const: kind = .constThis
            default: break
            }
        }
        let result = try node(kind, inner.type, operand)
        // An array or another qualifier around it can make the same one superfluous.
        if kind.isTypeQualifier { nodes[result].dependence.insert(.declarator) }
        return (result, inner.isFunction, inner.reference)
    }

    private mutating func functionType() throws(CxxDemanglingError) -> CxxNodeID {
        let function = try functionTypeWithoutReference()
        guard let reference = function.reference else { return function.type }
        return try node(reference, function.type)
    }

    /// `F`, the types, `E`; beside it, whether it is for lvalues or rvalues only.
    private mutating func functionTypeWithoutReference() throws(CxxDemanglingError) -> (
        type: CxxNodeID, reference: CxxNodeKind?
    ) {
        try enter()
        defer { leave() }
        try expect("F")
        // The language of the linkage is not shown.
        _ = eat("Y")
        let type = try bareFunctionType(hasResult: true, showsResult: true)
        var reference: CxxNodeKind?
        if eat("R") {
            reference = .referenceThis
        } else if eat("O") {
            reference = .rvalueReferenceThis
        }
        try expect("E")
        return (type, reference)
    }

    /// What a function returns, if `hasResult`, and its parameters.
    mutating func bareFunctionType(hasResult: Bool, showsResult: Bool) throws(CxxDemanglingError) -> CxxNodeID {
        var result = CxxNodeID.none
        let isMarked = eat("J")
        if hasResult || isMarked {
            result = try type()
            if !showsResult { result = .none }
        }
        let type = try node(.functionType, result, parameters())
        nodes[type].dependence.insert(.declarator)
        return type
    }

    /// The types of parameters, up to `E` or the end.
    mutating func parameters() throws(CxxDemanglingError) -> CxxNodeID {
        var list = CxxList()
        while true {
            let letter = next
            if letter == 0 || letter == UInt8(ascii: "E") || letter == UInt8(ascii: ".") { break }
            // What the function is for, not a type that refers to something.
            if letter == UInt8(ascii: "R") || letter == UInt8(ascii: "O"), second == UInt8(ascii: "E") { break }
            try add(type(), .list, to: &list)
        }
        guard list.count > 0 else { throw .unknown }
        let first = nodes[nodes[list.first].left]
        if list.count == 1, first.kind == .builtin, first.left.number == Int32(UInt8(ascii: "v")) {
            nodes[list.first].left = .none
        }
        return list.first
    }

    /// `A`, a dimension or none, `_`, the type of the elements.
    private mutating func arrayType() throws(CxxDemanglingError) -> CxxNodeID {
        position += 1
        var dimension = CxxNodeID.none
        let start = position
        switch Unicode.Scalar(next) {
        case "_": break
        case "0"..."9":
            while case "0"..."9" = Unicode.Scalar(next) { position += 1 }
            dimension = try leaf(.name, start, position - start)
        default: dimension = try expression()
        }
        try expect("_")
        let result = try node(.arrayType, dimension, type())
        nodes[result].dependence.insert(.declarator)
        return result
    }

    /// A type that starts with `D`; nil if what it was read as, the newest node, is nothing that substitutions refer to.
    private mutating func extendedType() throws(CxxDemanglingError) -> CxxNodeID? {
        position += 1
        let letter = try take()
        switch Unicode.Scalar(letter) {
        case "T", "t":
            let result = try node(.decltype, expression())
            try expect("E")
            return result
        case "p": return try node(.packExpansion, type())
        case "v":
            // A dimension that is an expression is rare.
            guard next != UInt8(ascii: "_") else { throw .unknown }
            let dimension = try leaf(.number, number())
            try expect("_")
            return try node(.vectorType, dimension, type())
        case "a": _ = try word(.auto)
        case "c": _ = try word(.decltypeAuto)
        default:
            let number = CxxBuiltin.extended + Int32(letter)
            guard CxxBuiltin.text(number) != nil else { throw .unknown }
            _ = try leaf(.builtin, Int(number))
        }
        return nil
    }
}
