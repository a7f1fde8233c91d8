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
    /// Numbers by offset, doubled to tell the two files apart.
    private var numbers: [UInt64: Int32] = [:]
    private var known: [FunctionNames] = []
    private var lastPlace: Place?
    private var lastAlternatePlace: Place?

    init(_ file: DebugFile) {
        self.file = file
    }

    /// The names of the function with this number.
    subscript(number: Int32) -> FunctionNames {
        // Yielded in place: a copy counts a reference to each of its strings.
        _read { yield known[Int(number)] }
    }

    /// The function with this number, made by `functions` when it is first asked for.
    mutating func function(_ number: Int32, _ functions: inout FunctionStore) -> SymbolizedFunction {
        if let function = known[Int(number)].function { return function }
        let function = functions.function(known[Int(number)])
        known[Int(number)].function = function
        return function
    }

    /// The number of the function entry at `reference`, valid until `forgetMany` is called.
    ///
    /// Chains are followed for 16 steps, since they may be circular.
    mutating func number(of reference: Reference) -> Int32 {
        let key = reference.offset << 1 | (reference.isAlternate ? 1 : 0)
        if let number = numbers[key] { return number }
        var names = FunctionNames()
        var plainName = PlainName()
        var next: Reference? = reference
        var last = reference
        for _ in 0..<16 {
            guard let current = next else { break }
            last = current
            next = read(current, &names, &plainName)
            if !names.linkageName.isEmpty, names.declarationLine != 0 { break }
        }
        if names.linkageName.isEmpty, let file = plainName.file {
            names.name = file.name(plainName.text)
            if !names.name.isEmpty {
                names.scopedName = names.isFinished ? names.name : names.isScoped ? scopedName(last, names.name) : nil
            }
        }
        let number = Int32(clamping: known.count)
        known.append(names)
        numbers[key] = number
        return number
    }

    /// Frees memory when very many functions are known; their numbers are no longer valid then.
    mutating func forgetMany() {
        guard known.count >= 1 << 16 else { return }
        known.removeAll()
        numbers.removeAll()
    }

    /// Where a function's name without scopes is; it is read only where there is no linkage name.
    private struct PlainName {
        var file: DebugFile?
        var text = StringReference.none
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

    /// A unit, and what reads its values.
    private struct Place {
        let file: DebugFile
        let resolver: ValueResolver
        var unit: Unit { resolver.unit }
    }

    /// The unit around `reference`; nil if there is none. Kept, since the next entry is nearly always in the same one, and
    /// making a resolver copies a reference to each section.
    private mutating func place(of reference: Reference) -> Place? {
        if let place = reference.isAlternate ? lastAlternatePlace : lastPlace,
            reference.offset >= UInt64(place.resolver.unit.offset), reference.offset < UInt64(place.resolver.unit.end)
        {
            return place
        }
        guard let file = reference.isAlternate ? self.file.alternate : self.file,
            let unit = file.unit(containing: reference.offset)
        else { return nil }
        let place = Place(file: file, resolver: ValueResolver(sections: file.sections, unit: unit))
        if reference.isAlternate { lastAlternatePlace = place } else { lastPlace = place }
        return place
    }

    /// Adds what one entry says; where to look next.
    private mutating func read(
        _ reference: Reference, _ names: inout FunctionNames, _ plainName: inout PlainName
    ) -> Reference? {
        guard let place = place(of: reference) else { return nil }
        let file = place.file
        let unit = place.unit
        var next: Reference?
        var fileNumber: UInt64?
        let isFirstLine = names.declarationLine == 0
        Self.forEachAttribute(file, unit, reference.offset) { name, value in
            switch name {
            case Attribute.linkageName, Attribute.mipsLinkageName:
                if names.linkageName.isEmpty {
                    names.linkageName = file.name(place.resolver.stringReference(value))
                }
            case Attribute.name:
                if plainName.file == nil {
                    plainName = PlainName(file: file, text: place.resolver.stringReference(value))
                }
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

    private mutating func scopedName(_ reference: Reference, _ name: String) -> String? {
        guard let place = place(of: reference), let offset = Int(exactly: reference.offset),
            let scopes = try? place.file.scopes(of: place.unit)
        else { return nil }
        let file = place.file
        let unit = place.unit
        var parts: [String] = []
        for scope in scopes.enclosing(offset) {
            var part = ""
            var line: UInt64 = 0
            let tag = Self.forEachAttribute(file, unit, UInt64(scope)) { name, value in
                if name == Attribute.name { part = file.string(place.resolver.stringReference(value)) }
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
