extension CxxDemangler {
    mutating func writeExpression(_ node: CxxNode) throws(CxxDemanglingError) {
        switch node.kind {
        case .decltype:
            try write("decltype (")
            try write(node.left)
            try write(")")
        case .functionParameter:
            if node.left.number == 0 { return try write("this") }
            try write("{parm#")
            try write(number: Int(node.left.number))
            try write("}")
        case .literal, .negativeLiteral: try writeLiteral(node)
        case .initializerList:
            if node.left.exists { try write(node.left) }
            try write("{")
            try write(node.right)
            try write("}")
        case .nullary: try writeOperator(node.code)
        case .unary: try writeUnary(node)
        case .postfix:
            try writeOperand(node.left)
            try writeOperator(node.code)
        case .cast:
            try write("(")
            try write(node.left)
            try write(")")
            try writeOperand(node.right)
        case .binary: try writeBinary(node)
        case .conditional:
            try writeOperand(node.left)
            try write("?")
            try writeOperand(nodes[node.right].left)
            try write(" : ")
            try writeOperand(nodes[node.right].right)
        case .fold: try writeFold(node)
        // Not by itself.
        default: throw .unknown
        }
    }

    /// An expression inside another one, in parentheses unless it is a name.
    mutating func writeOperand(_ id: CxxNodeID) throws(CxxDemanglingError) {
        guard id.exists else { throw .unknown }
        switch nodes[id].kind {
        case .name, .word, .qualifiedName, .initializerList, .functionParameter: try write(id)
        default:
            try write("(")
            try write(id)
            try write(")")
        }
    }

    private mutating func writeOperator(_ code: UInt16) throws(CxxDemanglingError) {
        guard let known = CxxOperator(code) else { throw .unknown }
        try write(known.text)
    }

    private mutating func writeUnary(_ node: CxxNode) throws(CxxDemanglingError) {
        var operand = node.left
        switch node.code {
        case CxxOperator.code("sZ"):
            let pack = try findPack(in: operand)
            return try write(number: pack.exists ? packCount(pack) : 0)
        case CxxOperator.code("sP"): return try write(number: expandedCount(operand))
        case CxxOperator.code("ad"):
            // The address of a member function is written without its parameters.
            let function = nodes[operand]
            if function.kind == .typedName, nodes[function.left].kind == .qualifiedName { operand = function.left }
        default: break
        }
        try writeOperator(node.code)
        switch node.code {
        case CxxOperator.code("gs"): try write(operand)
        case CxxOperator.code("st"):
            try write("(")
            try write(operand)
            try write(")")
        default: try writeOperand(operand)
        }
    }

    private mutating func writeBinary(_ node: CxxNode) throws(CxxDemanglingError) {
        switch node.code {
        case CxxOperator.code("cc"), CxxOperator.code("dc"), CxxOperator.code("rc"), CxxOperator.code("sc"):
            try writeOperator(node.code)
            try write("<")
            try write(node.left)
            try write(">(")
            try write(node.right)
            return try write(")")
        case CxxOperator.code("cl"):
            // What is called is written without the types of its parameters.
            let function = nodes[node.left]
            try writeOperand(function.kind == .typedName ? function.left : node.left)
            return try writeOperand(node.right)
        case CxxOperator.code("ix"):
            try writeOperand(node.left)
            try write("[")
            try write(node.right)
            return try write("]")
        default: break
        }
        // It could be taken for the end of template arguments.
        let isGreater = node.code == CxxOperator.code("gt")
        if isGreater { try write("(") }
        try writeOperand(node.left)
        try writeOperator(node.code)
        try writeOperand(node.right)
        if isGreater { try write(")") }
    }

    /// An operator between all elements of a pack, which is written as it is.
    private mutating func writeFold(_ node: CxxNode) throws(CxxDemanglingError) {
        let code = nodes[node.left].code
        let operands = nodes[node.right]
        let outerIndex = packIndex
        packIndex = -1
        try write("(")
        switch node.code {
        case CxxOperator.code("fl"):
            try write("...")
            try writeOperator(code)
            try writeOperand(operands.left)
        case CxxOperator.code("fr"):
            try writeOperand(operands.left)
            try writeOperator(code)
            try write("...")
        default:
            try writeOperand(operands.left)
            try writeOperator(code)
            try write("...")
            try writeOperator(code)
            try writeOperand(operands.right)
        }
        try write(")")
        packIndex = outerIndex
    }

    /// A value: with the suffix that says its type, or behind its type in parentheses.
    private mutating func writeLiteral(_ node: CxxNode) throws(CxxDemanglingError) {
        let type = nodes[node.left]
        let isNegative = node.kind == .negativeLiteral
        var isFloatingPoint = false
        if type.kind == .builtin {
            if let suffix = CxxBuiltin.literalSuffix(type.left.number) {
                if isNegative { try write("-") }
                try write(node.right)
                return try write(suffix)
            }
            let digits = nodes[node.right]
            if type.left.number == Int32(UInt8(ascii: "b")), !isNegative, digits.right.number == 1 {
                switch Unicode.Scalar(input[Int(digits.left.number)]) {
                case "0": return try write("false")
                case "1": return try write("true")
                default: break
                }
            }
            isFloatingPoint = CxxBuiltin.isFloatingPoint(type.left.number)
        }
        try write("(")
        try write(node.left)
        try write(")")
        if isNegative { try write("-") }
        if isFloatingPoint { try write("[") }
        try write(node.right)
        if isFloatingPoint { try write("]") }
    }
}
