extension CxxDemangler {
    /// A function with its type, a variable, or a special name. `isWhole` says that it is not inside another name.
    mutating func encoding(isWhole: Bool = true) throws(CxxDemanglingError) -> CxxNodeID {
        try enter()
        defer { leave() }
        if next == UInt8(ascii: "G") || next == UInt8(ascii: "T") { return try specialName() }
        let name = try name(isSubstitutable: false)
        if next == 0 || next == UInt8(ascii: "E") { return name }
        let type = try bareFunctionType(
            hasResult: hasResult(name), showsResult: isWhole || nodes[name].kind != .localName)
        let function = try node(.typedName, name, type)
        // Its parts are written without the declarator around it, and template parameters of its type are its own.
        nodes[function].dependence.remove(.declarator)
        if nodes[function].dependence.contains(.arguments), !nodes[name].dependence.contains(.arguments),
            bindsParameters(name)
        {
            nodes[function].dependence.remove(.arguments)
        }
        return function
    }

    /// Whether template parameters in the type of the function `name` stand for arguments of `name`, none of which is a pack:
    /// what one of its elements is depends on what was written before.
    private mutating func bindsParameters(_ name: CxxNodeID) -> Bool {
        let template = nodes[templateCandidate(name)]
        guard template.kind == .template, !hasOpenConversion else { return false }
        var list = template.right
        while list.exists {
            let element = nodes[list]
            if element.left.exists, nodes[element.left].kind == .templateList { return false }
            list = element.right
        }
        return true
    }

    /// The part of the name of a function that is a template if the function is one: without qualifiers, also those of a
    /// function inside another.
    func templateCandidate(_ name: CxxNodeID) -> CxxNodeID {
        var id = withoutFunctionQualifiers(name)
        if nodes[id].kind == .localName {
            id = nodes[id].right
            if nodes[id].kind == .defaultArgument { id = nodes[id].left }
            id = withoutFunctionQualifiers(id)
        }
        return id
    }

    func withoutFunctionQualifiers(_ name: CxxNodeID) -> CxxNodeID {
        var id = name
        while nodes[id].kind.isFunctionQualifier { id = nodes[id].left }
        return id
    }

    /// Whether the type of the function `name` starts with what it returns: that of templates does, except for constructors,
    /// destructors and conversions.
    private func hasResult(_ name: CxxNodeID) -> Bool {
        var id = name
        while true {
            let node = nodes[id]
            switch node.kind {
            case .localName: id = node.right
            case .template: return !isUntyped(node.left)
            case let kind where kind.isFunctionQualifier: id = node.left
            default: return false
            }
        }
    }

    private func isUntyped(_ name: CxxNodeID) -> Bool {
        var id = name
        while true {
            let node = nodes[id]
            switch node.kind {
            case .qualifiedName, .localName: id = node.right
            case .constructor, .destructor, .conversion: return true
            default: return false
            }
        }
    }

    /// Any name. `isSubstitutable` says that it is a type, which a substitution can refer to later.
    mutating func name(isSubstitutable: Bool) throws(CxxDemanglingError) -> CxxNodeID {
        var result: CxxNodeID
        switch Unicode.Scalar(next) {
        case "N": result = try nestedName()
        case "Z": result = try localName()
        case "U": result = try unqualifiedName(in: .none)
        default:
            var scope = CxxNodeID.none
            if next == UInt8(ascii: "S"), second == UInt8(ascii: "t") {
                position += 2
                scope = try word(.std)
            }
            var isKnown = false
            if next == UInt8(ascii: "S") {
                if scope.exists { throw .unknown }
                result = try substitution(isPrefix: false)
                isKnown = true
            } else {
                result = try unqualifiedName(in: scope)
            }
            if next == UInt8(ascii: "I") {
                if !isKnown { substitutions.append(result) }
                result = try template(result)
                isKnown = false
            }
            if isKnown { return result }
        }
        if isSubstitutable { substitutions.append(result) }
        return result
    }

    /// `N` qualifiers, prefixes, a name, `E`.
    private mutating func nestedName() throws(CxxDemanglingError) -> CxxNodeID {
        try expect("N")
        let result = try nestedNameBehindQualifiers()
        try expect("E")
        return result
    }

    private mutating func nestedNameBehindQualifiers() throws(CxxDemanglingError) -> CxxNodeID {
        // Qualifiers with `D` belong to types; a name can begin with those letters.
        let qualifier: CxxNodeKind
        switch Unicode.Scalar(next) {
        case "r": qualifier = .restrictThis
        case "V": qualifier = .volatileThis
        case "K": qualifier = .constThis
        case "R", "O":
            let kind: CxxNodeKind = next == UInt8(ascii: "R") ? .referenceThis : .rvalueReferenceThis
            position += 1
            return try node(kind, prefix())
        default:
            if isTypeQualifier { throw .unknown }
            return try prefix()
        }
        position += 1
        try enter()
        let name = try nestedNameBehindQualifiers()
        leave()
        let inner = nodes[name]
        if inner.kind == .referenceThis || inner.kind == .rvalueReferenceThis {
            // The outermost, which is written last, is always the reference.
            nodes[name].left = try node(qualifier, inner.left)
            return name
        }
        return try node(qualifier, name)
    }

    /// Scopes and a name in them, up to `E`. Each is something that substitutions can refer to, except for the whole.
    mutating func prefix(isSubstitutable: Bool = true) throws(CxxDemanglingError) -> CxxNodeID {
        var result = CxxNodeID.none
        while true {
            switch Unicode.Scalar(next) {
            case "D" where second == UInt8(ascii: "T") || second == UInt8(ascii: "t"):
                if result.exists { throw .unknown }
                result = try type()
            case "I":
                guard result.exists else { throw .unknown }
                result = try template(result)
            case "T":
                if result.exists { throw .unknown }
                result = try templateParameter()
            case "M":
                // What a variable is initialized with, around a lambda.
                position += 1
                continue
            case "S":
                if result.exists { throw .unknown }
                result = try substitution(isPrefix: true)
                continue
            default: result = try unqualifiedName(in: result)
            }
            if next == UInt8(ascii: "E") { return result }
            if isSubstitutable { substitutions.append(result) }
        }
    }

    /// `Z` a function, `E`, a name inside of it: a variable, a type, a lambda, a text.
    private mutating func localName() throws(CxxDemanglingError) -> CxxNodeID {
        try expect("Z")
        let function = try encoding(isWhole: false)
        try expect("E")
        let inner: CxxNodeID
        if eat("s") {
            try discriminator()
            inner = try word(.stringLiteral)
        } else {
            let argument = eat("d") ? try compactNumber() : -1
            let name = try name(isSubstitutable: false)
            // These two have a number of their own.
            if nodes[name].kind != .lambda, nodes[name].kind != .unnamedType { try discriminator() }
            inner = argument < 0 ? name : try numbered(.defaultArgument, name, argument)
        }
        // What the function returns could be taken for what the local one does.
        if nodes[function].kind == .typedName { nodes[nodes[function].right].left = .none }
        return try node(.localName, function, inner)
    }

    /// Which of several local ones of the same name, if it is said; not shown.
    mutating func discriminator() throws(CxxDemanglingError) {
        guard eat("_") else { return }
        let isLong = eat("_")
        let value = try number()
        guard value >= 0 else { throw .unknown }
        if isLong, value >= 10 { try expect("_") }
    }

    /// Behind `T` or `G`: what compilers make beside functions and variables.
    private mutating func specialName() throws(CxxDemanglingError) -> CxxNodeID {
        let first = try take()
        let letter = try take()
        guard first == UInt8(ascii: "T") else {
            switch Unicode.Scalar(letter) {
            case "V": return try node(.guardVariable, name(isSubstitutable: false))
            case "R":
                let variable = try name(isSubstitutable: false)
                return try node(.referenceTemporary, variable, leaf(.number, number()))
            default: throw .unknown
            }
        }
        switch Unicode.Scalar(letter) {
        case "V": return try node(.vtable, type())
        case "T": return try node(.vtt, type())
        case "I": return try node(.typeinfo, type())
        case "S": return try node(.typeinfoName, type())
        case "H": return try node(.tlsInit, name(isSubstitutable: false))
        case "W": return try node(.tlsWrapper, name(isSubstitutable: false))
        case "h", "v":
            try callOffset(letter)
            return try node(letter == UInt8(ascii: "h") ? .thunk : .virtualThunk, encoding(isWhole: false))
        case "c":
            try callOffset(take())
            try callOffset(take())
            return try node(.covariantThunk, encoding(isWhole: false))
        case "C":
            let derived = try type()
            guard try number() >= 0 else { throw .unknown }
            try expect("_")
            return try node(.constructionVtable, type(), derived)
        default: throw .unknown
        }
    }

    /// How a thunk changes `this`; not shown.
    private mutating func callOffset(_ kind: UInt8) throws(CxxDemanglingError) {
        guard kind == UInt8(ascii: "h") || kind == UInt8(ascii: "v") else { throw .unknown }
        _ = try number()
        if kind == UInt8(ascii: "v") {
            try expect("_")
            _ = try number()
        }
        try expect("_")
    }
}
