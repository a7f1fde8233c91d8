/// A template whose arguments can be referred to by number.
struct CxxScope: BitwiseCopyable {
    /// Nothing for a lambda, whose parameters have no arguments.
    let template: CxxNodeID
    /// The one around it, −1 for none.
    let outer: Int32
}

extension CxxDemangler {
    mutating func writeTemplate(_ id: CxxNodeID, _ node: CxxNode) throws(CxxDemanglingError) {
        let outerTemplate = enclosingTemplate
        let outer = modifier
        enclosingTemplate = id
        modifier = -1
        try write(node.left)
        try writeArguments(node.right)
        modifier = outer
        enclosingTemplate = outerTemplate
    }

    @inline(__always)
    private mutating func writeArguments(_ list: CxxNodeID) throws(CxxDemanglingError) {
        if lastByte == UInt8(ascii: "<") { try write(" ") }
        try write("<")
        try writeList(list)
        if lastByte == UInt8(ascii: ">") { try write(" ") }
        try write(">")
    }

    /// `operator` and a type, whose template parameters are those of the template that is being written.
    mutating func writeConversion(_ node: CxxNode) throws(CxxDemanglingError) {
        try write("operator ")
        let outerScope = scope
        if enclosingTemplate.exists {
            scopes.append(CxxScope(template: enclosingTemplate, outer: scope))
            scope = Int32(truncatingIfNeeded: scopes.count - 1)
        }
        let type = nodes[node.left]
        if type.kind == .template {
            // The arguments are not in the scope.
            try write(type.left)
            scope = outerScope
            return try writeArguments(type.right)
        }
        try write(node.left)
        scope = outerScope
    }

    // MARK: Parameters

    /// What a template parameter stands for, an element if it is a pack.
    mutating func argument(_ parameter: CxxNode) throws(CxxDemanglingError) -> CxxNodeID {
        let argument = try argumentOrPack(parameter)
        guard argument.exists else { throw .unknown }
        guard nodes[argument].kind == .templateList else { return argument }
        if packIndex < 0 { return argument }
        let element = try self.element(packIndex, of: argument)
        guard element.exists else { throw .unknown }
        return element
    }

    /// What a template parameter stands for; nothing if there is no such argument.
    private mutating func argumentOrPack(_ parameter: CxxNode) throws(CxxDemanglingError) -> CxxNodeID {
        guard scope >= 0 else { throw .unknown }
        let template = scopes[Int(scope)].template
        // The system's demangler reads from address 0 here.
        guard template.exists else { throw .refused }
        return try element(Int(parameter.left.number), of: nodes[template].right)
    }

    private mutating func element(_ index: Int, of list: CxxNodeID) throws(CxxDemanglingError) -> CxxNodeID {
        var id = list
        var rest = index
        while id.exists, rest > 0 {
            id = nodes[id].right
            rest -= 1
        }
        try count(index - rest)
        return id.exists ? nodes[id].left : .none
    }

    mutating func writeParameter(_ node: CxxNode) throws(CxxDemanglingError) {
        if isInLambda {
            try write("auto:")
            return try write(number: Int(node.left.number) + 1)
        }
        let argument = try argument(node)
        // An argument can have parameters of the template around this one in it.
        let inner = scope
        scope = scopes[Int(inner)].outer
        try write(argument)
        scope = inner
    }

    mutating func writeLambda(_ node: CxxNode) throws(CxxDemanglingError) {
        try write("{lambda(")
        let outerScope = scope
        let wasInLambda = isInLambda
        scopes.append(CxxScope(template: .none, outer: scope))
        scope = Int32(truncatingIfNeeded: scopes.count - 1)
        isInLambda = true
        try write(node.left)
        isInLambda = wasInLambda
        scope = outerScope
        try write(")#")
        try write(number: Int(node.right.number) + 1)
        try write("}")
    }

    // MARK: Packs

    /// The pattern once for each element of a pack in it.
    mutating func writePackExpansion(_ node: CxxNode) throws(CxxDemanglingError) {
        // GCC 12's demangler takes arguments of a template around a lambda for what the parameters of the lambda stand for.
        if isInLambda, isInTemplate { throw .unknown }
        let pack = isInLambda ? CxxNodeID.none : try findPack(in: node.left)
        guard pack.exists else {
            // Parameters of functions are the only packs in it.
            try writeOperand(node.left)
            return try write("...")
        }
        let count = try packCount(pack)
        for index in 0..<count {
            if index > 0 { try write(", ") }
            packIndex = index
            try write(node.left)
        }
    }

    private var isInTemplate: Bool {
        var place = scope
        while place >= 0, !scopes[Int(place)].template.exists { place = scopes[Int(place)].outer }
        return place >= 0
    }

    /// Any pack that a template parameter in `id` stands for.
    mutating func findPack(in id: CxxNodeID) throws(CxxDemanglingError) -> CxxNodeID {
        guard id.exists else { return .none }
        let node = nodes[id]
        guard node.dependence.contains(.lambda) || node.kind == .list || node.kind == .templateList else {
            return .none
        }
        try enter()
        defer { leave() }
        switch node.kind {
        case .templateParameter:
            let argument = try argumentOrPack(node)
            return argument.exists && nodes[argument].kind == .templateList ? argument : .none
        case .packExpansion, .lambda, .taggedName, .defaultArgument: return .none
        case .list, .templateList:
            var element = node
            while true {
                try count(1)
                let pack = try findPack(in: element.left)
                if pack.exists { return pack }
                guard element.right.exists else { return .none }
                element = nodes[element.right]
            }
        default:
            let pack = try findPack(in: node.left)
            return pack.exists ? pack : try findPack(in: node.right)
        }
    }

    /// How many elements a pack has.
    mutating func packCount(_ pack: CxxNodeID) throws(CxxDemanglingError) -> Int {
        var count = 0
        var id = pack
        while id.exists, nodes[id].left.exists {
            count += 1
            id = nodes[id].right
        }
        try self.count(count)
        return count
    }

    /// How many arguments a list has when the packs in it are expanded.
    mutating func expandedCount(_ list: CxxNodeID) throws(CxxDemanglingError) -> Int {
        var count = 0
        var id = list
        while id.exists, nodes[id].left.exists {
            let element = nodes[nodes[id].left]
            if element.kind == .packExpansion {
                let pack = try findPack(in: element.left)
                count += pack.exists ? try packCount(pack) : 0
            } else {
                count += 1
            }
            id = nodes[id].right
        }
        return count
    }
}
