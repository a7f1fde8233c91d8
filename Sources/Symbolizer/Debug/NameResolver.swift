import Primitives

/// Finds functions' names: an inlined copy names its abstract origin, and that its declaration, which may lie in another
/// unit (link-time optimisation) or in another file (dwz).
struct NameResolver {
    /// An entry in the file or its alternate file.
    struct Reference: Hashable {
        var isAlternate: Bool
        var offset: UInt64
    }

    private let file: DebugFile
    private var cache: [Reference: FunctionNames] = [:]

    init(_ file: DebugFile) {
        self.file = file
    }

    /// The names of the function entry at `reference`. Chains are followed for 16 steps, since they may be circular.
    mutating func names(_ reference: Reference) -> FunctionNames {
        if let names = cache[reference] { return names }
        var names = FunctionNames()
        var next: Reference? = reference
        var last = reference
        for _ in 0..<16 {
            guard let current = next else { break }
            last = current
            next = read(current, &names)
            if !names.linkageName.isEmpty, names.declarationLine != 0 { break }
        }
        if names.linkageName.isEmpty, !names.name.isEmpty {
            names.scopedName = names.isFinished ? names.name : names.isScoped ? scopedName(last, names.name) : nil
        }
        if cache.count >= 1 << 17 { cache.removeAll() }
        cache[reference] = names
        return names
    }

    /// What `value`, found in an entry of `unit` of this or the alternate file, refers to.
    static func reference(_ value: AttributeValue, in unit: Unit, isAlternate: Bool) -> Reference? {
        switch value {
        case .unitReference(let offset):
            let (sum, overflow) = offset.addingReportingOverflow(UInt64(unit.offset))
            return overflow ? nil : Reference(isAlternate: isAlternate, offset: sum)
        case .infoReference(let offset): return Reference(isAlternate: isAlternate, offset: offset)
        case .alternateReference(let offset): return isAlternate ? nil : Reference(isAlternate: true, offset: offset)
        default: return nil
        }
    }

    /// Adds what one entry says; where to look next.
    private func read(_ reference: Reference, _ names: inout FunctionNames) -> Reference? {
        guard let file = reference.isAlternate ? self.file.alternate : self.file,
            let unit = file.unit(containing: reference.offset)
        else { return nil }
        var next: Reference?
        var fileNumber: UInt64?
        let resolver = ValueResolver(sections: file.sections, unit: unit)
        let isFirstLine = names.declarationLine == 0
        Self.forEachAttribute(file, unit, reference.offset) { name, value in
            switch name {
            case Attribute.linkageName, Attribute.mipsLinkageName:
                if names.linkageName.isEmpty { names.linkageName = Self.name(file, resolver.stringReference(value)) }
            case Attribute.name:
                if names.name.isEmpty { names.name = Self.name(file, resolver.stringReference(value)) }
            case Attribute.declLine:
                if isFirstLine, let number = value.number { names.declarationLine = UInt32(clamping: number) }
            case Attribute.declFile: fileNumber = value.number
            case Attribute.abstractOrigin, Attribute.specification:
                next = Self.reference(value, in: unit, isAlternate: reference.isAlternate)
            default: break
            }
        }
        if let fileNumber, names.declarationFile.isEmpty {
            names.declarationFile = file.fileTable(of: unit)?.path(fileNumber) ?? ""
        }
        if !SourceLanguage.hasFlatNames(unit.language) { names.isScoped = true }
        if unit.language == SourceLanguage.go { names.isFinished = true }
        return next
    }

    /// The text at `reference` if it can be a name: compilers write UTF-8 without control characters, damaged files
    /// hold anything, and the symbol table knows the function as well.
    private static func name(_ file: DebugFile, _ reference: StringReference) -> String {
        let text = file.string(reference)
        let isName = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f && $0.value != 0xfffd }
        return isName ? text : ""
    }

    private func scopedName(_ reference: Reference, _ name: String) -> String? {
        guard let file = reference.isAlternate ? self.file.alternate : self.file,
            let unit = file.unit(containing: reference.offset), let offset = Int(exactly: reference.offset),
            let scopes = try? file.scopes(of: unit)
        else { return nil }
        let resolver = ValueResolver(sections: file.sections, unit: unit)
        var parts: [String] = []
        for scope in scopes.enclosing(offset) {
            var part = ""
            var line: UInt64 = 0
            let tag = Self.forEachAttribute(file, unit, UInt64(scope)) { name, value in
                if name == Attribute.name { part = file.string(resolver.stringReference(value)) }
                if name == Attribute.declLine { line = value.number ?? 0 }
            }
            if part.isEmpty {
                switch tag {
                case Tag.namespace: part = "(anonymous namespace)"
                case Tag.classType, Tag.structureType, Tag.unionType:
                    // GCC gives the lambdas of functions that no other file sees neither a name nor a linkage name.
                    let isLambda = (parts.last ?? name).hasPrefix("operator()")
                    part = !isLambda ? "(anonymous)" : line == 0 ? "{lambda}" : "{lambda:\(line)}"
                default: continue
                }
            }
            parts.append(part)
        }
        if parts.isEmpty { return nil }
        return (parts.reversed() + [name]).joined(separator: "::")
    }

    /// Calls `body` with each attribute of the entry at `offset`; the entry's tag, 0 if it cannot be read.
    @discardableResult
    private static func forEachAttribute(
        _ file: DebugFile, _ unit: Unit, _ offset: UInt64, _ body: (UInt16, AttributeValue) -> Void
    ) -> UInt16 {
        guard offset >= UInt64(unit.entries), let table = try? file.abbreviations(of: unit) else { return 0 }
        do {
            let info = file.sections.info
            var reader = try ByteReader(info.bytes.extracting(first: unit.end), at: offset)
            guard let entry = table.entry(try reader.readNumber()) else { return 0 }
            let first = Int(entry.firstAttribute)
            for specification in table.attributes[first..<first + Int(entry.attributeCount)] {
                body(specification.name, try AttributeValue.read(specification, unit.key, &reader))
            }
            return entry.tag
        } catch {
            return 0
        }
    }
}
