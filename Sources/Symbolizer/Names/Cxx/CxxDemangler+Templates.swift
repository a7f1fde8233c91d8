extension CxxDemangler {
    /// `name` with the arguments that follow.
    mutating func template(_ name: CxxNodeID) throws(CxxDemanglingError) -> CxxNodeID {
        let result = try node(.template, name, templateArguments())
        // Its parts are written without the declarator around it.
        nodes[result].dependence.remove(.declarator)
        return result
    }

    /// `I` or `J`, arguments, `E`.
    mutating func templateArguments() throws(CxxDemanglingError) -> CxxNodeID {
        guard eat("I") || eat("J") else { throw .unknown }
        return try templateArgumentsBehindStart()
    }

    @inline(__always)
    mutating func templateArgumentsBehindStart() throws(CxxDemanglingError) -> CxxNodeID {
        if eat("E") { return try node(.templateList, .none) }
        // Names in arguments are not what a constructor of the template is called.
        let named = lastName
        var list = CxxList()
        repeat { try add(templateArgument(), .templateList, to: &list) } while !eat("E")
        lastName = named
        return list.first
    }

    /// A type, an expression, a literal, or a pack of them.
    @inline(__always)
    private mutating func templateArgument() throws(CxxDemanglingError) -> CxxNodeID {
        switch Unicode.Scalar(next) {
        case "X":
            position += 1
            let result = try expression()
            try expect("E")
            return result
        case "L": return try literal()
        case "I", "J":
            try enter()
            let result = try templateArguments()
            leave()
            return result
        default: return try type()
        }
    }

    /// `T_`, `T0_`, …
    mutating func templateParameter() throws(CxxDemanglingError) -> CxxNodeID {
        try expect("T")
        let result = try leaf(.templateParameter, compactNumber())
        nodes[result].dependence = [.arguments, .lambda]
        return result
    }

    /// A parameter as a type, perhaps one that is a template itself.
    mutating func templateParameterType() throws(CxxDemanglingError) -> CxxNodeID {
        let parameter = try templateParameter()
        guard next == UInt8(ascii: "I") else { return parameter }
        if isInConversion {
            // The arguments are the parameter's only if others follow; else they are those of the conversion operator.
            let start = position
            let nodeCount = nodes.count
            let substitutionCount = substitutions.count
            let arguments = try templateArguments()
            if next != UInt8(ascii: "I") {
                // Reading them again and again could take for ever.
                try count(position - start)
                position = start
                nodes.truncate(to: nodeCount)
                substitutions.truncate(to: substitutionCount)
                return parameter
            }
            substitutions.append(parameter)
            let result = try node(.template, parameter, arguments)
            nodes[result].dependence.remove(.declarator)
            return result
        }
        substitutions.append(parameter)
        return try template(parameter)
    }
}
