extension CxxDemangler {
    // MARK: Text

    @inline(__always)
    mutating func write(_ text: StaticString) throws(CxxDemanglingError) {
        output.append(text)
        if output.count > DemanglingLimits.outputByteCount { throw .refused }
    }

    mutating func write(number: Int) throws(CxxDemanglingError) {
        if number < 0 { try write("-") }
        var digits: UInt64 = 0
        var count = 0
        var rest = number.magnitude
        // Numbers are of 32 bits at most, so that their digits fit into half-bytes.
        repeat {
            digits = digits << 4 | UInt64(rest % 10)
            rest /= 10
            count += 1
        } while rest > 0 && count < 16
        for _ in 0..<count {
            output.append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: digits & 15))
            digits >>= 4
        }
    }

    /// The last byte that was written, 0 at the start. Taking back a comma leaves the space behind it, which shows in the
    /// text: `f<g<int>>()` where a pack without elements was last, `f<g<int> >()` where not.
    @inline(__always)
    var lastByte: UInt8 {
        if output.count == strippedEnd { return UInt8(ascii: " ") }
        return output.count > 0 ? output[output.count &- 1] : 0
    }

    // MARK: Nodes

    /// Writes a node, from the output if it is there already and cannot be another here.
    mutating func write(_ id: CxxNodeID) throws(CxxDemanglingError) {
        guard id.exists else { throw .unknown }
        let node = nodes[id]
        switch node.kind {
        case .name:
            output.append(input, from: Int(node.left.number), count: Int(node.right.number))
            if output.count > DemanglingLimits.outputByteCount { throw .refused }
            return
        case .word, .abbreviation:
            guard let word = CxxWord(rawValue: node.left.number) else { throw .unknown }
            return try write(word.text)
        case .builtin:
            guard let text = CxxBuiltin.text(node.left.number) else { throw .unknown }
            return try write(text)
        default: break
        }
        let isKept = node.dependence.isDisjoint(with: surroundings)
        try count(1)
        if isKept, node.textCount > 0 {
            output.repeatBytes(from: Int(node.textStart), count: Int(node.textCount))
            if output.count > DemanglingLimits.outputByteCount { throw .refused }
            return
        }
        guard node.writingCount < 2 else { throw .unknown }
        try enter()
        nodes[id].writingCount &+= 1
        let start = output.count
        let foreignScopes = foreignScopeCount
        try writeInner(id)
        nodes[id].writingCount &-= 1
        leave()
        if isKept, output.count > start, output.count != strippedEnd, foreignScopeCount == foreignScopes {
            nodes[id].textStart = Int32(truncatingIfNeeded: start)
            nodes[id].textCount = Int32(truncatingIfNeeded: output.count &- start)
        }
    }

    @inline(__always)
    private mutating func writeInner(_ id: CxxNodeID) throws(CxxDemanglingError) {
        let node = nodes[id]
        switch node.kind {
        case .template: try writeTemplate(id, node)
        case .qualifiedName:
            try write(node.left)
            try write("::")
            try write(node.right)
        case .localName:
            try write(node.left)
            try writeLocal(nodes[node.right], node.right)
        case .typedName: try writeTypedName(node)
        case .const, .volatile, .restrict: try writeQualified(id, node)
        case .reference, .rvalueReference: try writeReference(id, node)
        case .pointer, .complex, .imaginary, .constThis, .volatileThis, .restrictThis, .referenceThis,
            .rvalueReferenceThis, .noexcept, .throwSpecification, .vendorQualifier:
            try writeModified(id, inner: node.left, operand: node.right)
        case .memberPointer, .vectorType: try writeModified(id, inner: node.right, operand: node.left)
        case .functionType: try writeFunctionType(id, node)
        case .arrayType: try writeArrayType(id, node)
        case .templateParameter: try writeParameter(node)
        case .list, .templateList: try writeList(id)
        case .packExpansion: try writePackExpansion(node)
        case .constructor, .vendorType: try write(node.left)
        case .destructor:
            try write("~")
            try write(node.left)
        case .conversion: try writeConversion(node)
        case .operatorName: try writeOperatorName(node.code)
        case .literalOperator:
            try write("operator\"\" ")
            try write(node.left)
        case .taggedName:
            try write(node.left)
            try write("[abi:")
            try write(node.right)
            try write("]")
        case .lambda: try writeLambda(node)
        case .unnamedType:
            try write("{unnamed type#")
            try write(number: Int(node.left.number) + 1)
            try write("}")
        case .number: try write(number: Int(node.left.number))
        case .vtable, .vtt, .typeinfo, .typeinfoName, .thunk, .virtualThunk, .covariantThunk, .guardVariable,
            .tlsInit, .tlsWrapper, .constructionVtable, .referenceTemporary:
            try writeSpecialName(node)
        default: try writeExpression(node)
        }
    }

    /// What is behind the function in a local name; its qualifiers are written elsewhere if `dropsQualifiers`.
    mutating func writeLocal(
        _ node: CxxNode, _ id: CxxNodeID, dropsQualifiers: Bool = false
    ) throws(CxxDemanglingError) {
        try write("::")
        var inner = id
        if node.kind == .defaultArgument {
            try write("{default arg#")
            try write(number: Int(node.right.number) + 1)
            try write("}::")
            inner = node.left
        }
        try write(dropsQualifiers ? withoutFunctionQualifiers(inner) : inner)
    }

    private mutating func writeOperatorName(_ code: UInt16) throws(CxxDemanglingError) {
        guard let known = CxxOperator(code) else { throw .unknown }
        try write("operator")
        // Words, which are followed by a space in expressions.
        let first = unsafe known.text.utf8Start[0]
        if first >= UInt8(ascii: "a"), first <= UInt8(ascii: "z") { try write(" ") }
        try write(known.text)
        if lastByte == UInt8(ascii: " ") { output.truncate(to: output.count - 1) }
    }

    private mutating func writeSpecialName(_ node: CxxNode) throws(CxxDemanglingError) {
        switch node.kind {
        case .vtable: try write("vtable for ")
        case .vtt: try write("VTT for ")
        case .typeinfo: try write("typeinfo for ")
        case .typeinfoName: try write("typeinfo name for ")
        case .thunk: try write("non-virtual thunk to ")
        case .virtualThunk: try write("virtual thunk to ")
        case .covariantThunk: try write("covariant return thunk to ")
        case .guardVariable: try write("guard variable for ")
        case .tlsInit: try write("TLS init function for ")
        case .tlsWrapper: try write("TLS wrapper function for ")
        case .constructionVtable:
            try write("construction vtable for ")
            try write(node.left)
            try write("-in-")
            return try write(node.right)
        default:
            try write("reference temporary #")
            try write(node.right)
            try write(" for ")
        }
        try write(node.left)
    }

    /// Elements with commas between them, but none in front of elements at the end that have no text.
    mutating func writeList(_ list: CxxNodeID) throws(CxxDemanglingError) {
        var node = nodes[list]
        var end = output.count
        while true {
            let start = output.count
            if node.left.exists { try write(node.left) }
            if output.count > start { end = output.count }
            guard node.right.exists else { break }
            try write(", ")
            node = nodes[node.right]
        }
        if output.count > end {
            output.truncate(to: end)
            strippedEnd = end
        }
    }
}
