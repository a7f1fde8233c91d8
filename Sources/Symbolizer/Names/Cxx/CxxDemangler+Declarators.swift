/// An element of the declarator around a type: a pointer, a qualifier, an array, a function, or the name that is declared.
struct CxxModifier: BitwiseCopyable {
    let node: CxxNodeID
    /// The next one outwards, −1 for none.
    let outer: Int32
    /// The scope that template parameters in it belong to.
    let scope: Int32
    var isWritten = false
}

// C++ writes types around what they declare: the array of pointers to functions `PF…` is `void (*[3])()`. So elements are
// handed down to the type in the middle, and it writes them where they belong, or they are written behind it.
extension CxxDemangler {
    /// Adds an element inside of the others; its place.
    @inline(__always)
    private mutating func push(_ node: CxxNodeID) -> Int {
        let place = modifiers.count
        modifiers.append(CxxModifier(node: node, outer: modifier, scope: scope))
        modifier = Int32(truncatingIfNeeded: place)
        return place
    }

    /// Writes a type with the element `id` around it; `operand` is what else is written for that, such as a class.
    mutating func writeModified(
        _ id: CxxNodeID, inner: CxxNodeID, operand: CxxNodeID = .none
    ) throws(CxxDemanglingError) {
        if inner.exists, nodes[inner].dependence.isDisjoint(with: [.arguments, .declarator]),
            !operand.exists || nodes[operand].dependence.isDisjoint(with: [.arguments, .declarator])
        {
            // It looks at nothing around it, so that it needs not be told.
            try write(inner)
            return try writeModifier(id)
        }
        let outer = modifier
        let place = push(id)
        try write(inner)
        if !modifiers[place].isWritten { try writeModifier(id) }
        modifier = outer
        modifiers.truncate(to: place)
    }

    /// `const` and its like, unless the same one stands around it already, as an array's elements and template arguments can have
    /// it.
    mutating func writeQualified(_ id: CxxNodeID, _ node: CxxNode) throws(CxxDemanglingError) {
        var place = modifier
        while place >= 0 {
            let element = modifiers[Int(place)]
            if !element.isWritten {
                let kind = nodes[element.node].kind
                if !kind.isTypeQualifier { break }
                if kind == node.kind { return try write(node.left) }
            }
            place = element.outer
        }
        try writeModified(id, inner: node.left)
    }

    /// A reference; one to a reference is one: `T&` with `int&&` for `T` is `int&`.
    mutating func writeReference(_ id: CxxNodeID, _ node: CxxNode) throws(CxxDemanglingError) {
        let outerScope = scope
        var target = node.left
        if !isInLambda, nodes[target].kind == .templateParameter {
            if let saved = nodes[target].savedScope {
                // Met again, as a substitution: the parameter is still that of the template where it was met first. Not inside
                // itself, where it is that of its own arguments; the node counts itself.
                let isInside = nodes[target].writingCount > 0 || node.writingCount > 1
                if isInside || saved != scope { foreignScopeCount &+= 1 }
                if !isInside { scope = saved }
            } else {
                nodes[target].savedScope = scope
            }
            target = try argument(nodes[target])
        }
        let targetNode = nodes[target]
        if targetNode.kind == .reference || targetNode.kind == node.kind {
            try writeModified(target, inner: targetNode.left)
        } else if targetNode.kind == .rvalueReference {
            try writeModified(id, inner: targetNode.left)
        } else {
            try writeModified(id, inner: node.left)
        }
        scope = outerScope
    }

    /// The type of a function, written around the declarator.
    mutating func writeFunctionType(_ id: CxxNodeID, _ node: CxxNode) throws(CxxDemanglingError) {
        if node.left.exists {
            // What it returns can be a function or an array too, and is then written around this one.
            let outer = modifier
            let place = push(id)
            try write(node.left)
            modifier = outer
            let isWritten = modifiers[place].isWritten
            modifiers.truncate(to: place)
            if isWritten { return }
            try write(" ")
        }
        try writeFunction(node, modifiers: modifier)
    }

    /// The declarator in parentheses if it needs them, the parameters, and what stands behind these.
    private mutating func writeFunction(_ node: CxxNode, modifiers first: Int32) throws(CxxDemanglingError) {
        var needsParentheses = false
        var needsSpace = false
        var place = first
        search: while place >= 0 {
            let element = modifiers[Int(place)]
            if element.isWritten { break }
            switch nodes[element.node].kind {
            case .pointer, .reference, .rvalueReference:
                needsParentheses = true
                break search
            case .const, .volatile, .restrict, .vendorQualifier, .complex, .imaginary, .memberPointer:
                needsParentheses = true
                needsSpace = true
                break search
            default: place = element.outer
            }
        }
        if needsParentheses {
            let last = lastByte
            if last != UInt8(ascii: "("), last != UInt8(ascii: "*") { needsSpace = true }
            if needsSpace, last != UInt8(ascii: " ") { try write(" ") }
            try write("(")
        }
        let outer = modifier
        modifier = -1
        try writeModifiers(from: first, behindParameters: false)
        if needsParentheses { try write(")") }
        try write("(")
        if node.right.exists { try write(node.right) }
        try write(")")
        try writeModifiers(from: first, behindParameters: true)
        modifier = outer
    }

    /// An array, written around the declarator. Its qualifiers are those of its elements.
    mutating func writeArrayType(_ id: CxxNodeID, _ node: CxxNode) throws(CxxDemanglingError) {
        let outer = modifier
        let first = push(id)
        var place = outer
        while place >= 0 {
            let element = modifiers[Int(place)]
            guard nodes[element.node].kind.isTypeQualifier else { break }
            if !element.isWritten {
                modifiers[Int(place)].isWritten = true
                let copy = modifiers.count
                modifiers.append(CxxModifier(node: element.node, outer: modifier, scope: element.scope))
                modifier = Int32(truncatingIfNeeded: copy)
            }
            place = element.outer
        }
        let end = modifiers.count
        try write(node.right)
        modifier = outer
        if !modifiers[first].isWritten {
            for copy in stride(from: end - 1, to: first, by: -1) { try writeModifier(modifiers[copy].node) }
            try writeArray(node, modifiers: modifier)
        }
        modifiers.truncate(to: first)
    }

    /// The declarator in parentheses if it needs them, and the dimension.
    private mutating func writeArray(_ node: CxxNode, modifiers first: Int32) throws(CxxDemanglingError) {
        var needsSpace = true
        if first >= 0 {
            var place = first
            while place >= 0, modifiers[Int(place)].isWritten { place = modifiers[Int(place)].outer }
            var needsParentheses = false
            if place >= 0 {
                if nodes[modifiers[Int(place)].node].kind == .arrayType {
                    needsSpace = false
                } else {
                    needsParentheses = true
                }
            }
            if needsParentheses { try write(" (") }
            try writeModifiers(from: first, behindParameters: false)
            if needsParentheses { try write(")") }
        }
        if needsSpace { try write(" ") }
        try write("[")
        if node.left.exists { try write(node.left) }
        try write("]")
    }

    /// The name of a function and its type around it.
    mutating func writeTypedName(_ node: CxxNode) throws(CxxDemanglingError) {
        let outer = modifier
        let outerScope = scope
        let first = modifiers.count
        modifier = -1
        var name = node.left
        _ = push(name)
        while nodes[name].kind.isFunctionQualifier {
            name = nodes[name].left
            _ = push(name)
        }
        if nodes[name].kind == .localName {
            // The qualifiers of a function inside another are those of the whole, and stand behind it.
            let local = name
            var inner = nodes[local].right
            if nodes[inner].kind == .defaultArgument { inner = nodes[inner].left }
            if nodes[inner].kind.isFunctionQualifier {
                modifier = modifiers[modifiers.count - 1].outer
                modifiers.truncate(to: modifiers.count - 1)
                while nodes[inner].kind.isFunctionQualifier {
                    _ = push(inner)
                    inner = nodes[inner].left
                }
                _ = push(local)
            }
            name = inner
        }
        if nodes[name].kind == .template {
            scopes.append(CxxScope(template: name, outer: scope))
            scope = Int32(truncatingIfNeeded: scopes.count - 1)
        }
        let end = modifiers.count
        try write(node.right)
        scope = outerScope
        for place in stride(from: end - 1, through: first, by: -1) where !modifiers[place].isWritten {
            try write(" ")
            try writeModifier(modifiers[place].node)
        }
        modifier = outer
        modifiers.truncate(to: first)
    }

    /// The elements from `first` outwards that were not written yet: all but the qualifiers of functions, or with those.
    private mutating func writeModifiers(
        from first: Int32, behindParameters: Bool
    ) throws(CxxDemanglingError) {
        var place = first
        let outerScope = scope
        while place >= 0 {
            let element = modifiers[Int(place)]
            let node = nodes[element.node]
            if element.isWritten || !behindParameters && node.kind.isFunctionQualifier {
                place = element.outer
                continue
            }
            modifiers[Int(place)].isWritten = true
            scope = element.scope
            switch node.kind {
            case .functionType, .arrayType:
                // These write what is around them themselves.
                try enter()
                if node.kind == .functionType {
                    try writeFunction(node, modifiers: element.outer)
                } else {
                    try writeArray(node, modifiers: element.outer)
                }
                leave()
                scope = outerScope
                return
            case .localName:
                let outer = modifier
                modifier = -1
                try write(node.left)
                modifier = outer
                try writeLocal(nodes[node.right], node.right, dropsQualifiers: true)
                scope = outerScope
                return
            default: try writeModifier(element.node)
            }
            scope = outerScope
            place = element.outer
        }
    }

    /// One element by itself.
    private mutating func writeModifier(_ id: CxxNodeID) throws(CxxDemanglingError) {
        let node = nodes[id]
        switch node.kind {
        case .pointer: try write("*")
        case .reference: try write("&")
        case .rvalueReference: try write("&&")
        case .const, .constThis: try write(" const")
        case .volatile, .volatileThis: try write(" volatile")
        case .restrict, .restrictThis: try write(" restrict")
        case .referenceThis: try write(" &")
        case .rvalueReferenceThis: try write(" &&")
        case .complex: try write(" _Complex")
        case .imaginary: try write(" _Imaginary")
        case .noexcept, .throwSpecification:
            try write(node.kind == .noexcept ? " noexcept" : " throw")
            guard node.right.exists else { return }
            try write("(")
            try write(node.right)
            try write(")")
        case .vendorQualifier:
            try write(" ")
            try write(node.right)
        case .memberPointer:
            if lastByte != UInt8(ascii: "(") { try write(" ") }
            try write(node.left)
            try write("::*")
        case .vectorType:
            try write(" __vector(")
            try write(node.left)
            try write(")")
        case .typedName: try write(node.left)
        default: try write(id)
        }
    }
}
