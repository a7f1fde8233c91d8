/// The demangled name of a Swift function, taken apart for shorter forms.
///
/// A name is a path of types that ends in the function, with the types of its arguments and of what it returns:
/// `main.Foo<Swift.Int>.bar(label: Swift.Int) -> Swift.String`. Before it may stand what the compiler made of it:
/// `closure #1 (Swift.Int) -> () in `, `static `, `generic specialization <Swift.Int> of `. Facts: swiftlang/swift
/// `lib/Demangling/NodePrinter.cpp`, `docs/ABI/Mangling.rst`.
struct SwiftShortName {
    /// How much of a name is left, the most first.
    enum Detail: CaseIterable {
        /// `Foo<Int>.bar(label: Int) -> String`
        case noModules
        /// `Foo<Int>.bar(label:)`
        case generics
        /// `Foo.bar(label:)`
        case labels
        /// `Foo.bar`
        case path
        /// `bar`
        case last
    }

    private let name: NameText
    private let modules: Set<String>

    /// - Parameter module: The module to leave out, besides the standard library.
    init(_ name: String, module: String?) {
        modules = Set(["Swift", "__C", "_Concurrency"] + (module.map { [$0] } ?? []))
        self.name = NameText(NameText(name).withoutModules(modules))
    }

    /// The name with so much detail.
    func text(_ detail: Detail) -> String {
        let all = name.bytes.indices
        if detail == .noModules { return name.string(all) }
        var start = all.lowerBound
        var end = all.upperBound
        // What the compiler made of the function is left out, up to the function itself.
        while let next = name.endOfPrefix(start, end) { start = next }
        if let conformance = name.places(of: " in conformance ", in: start..<end).first { end = conformance }
        // A closure is in a function, which may be a closure itself.
        var outer = ""
        while let place = name.places(of: " in ", in: start..<end).first {
            outer += closure(start..<place) + " in "
            start = place + 4
            while let next = name.endOfPrefix(start, end) { start = next }
        }
        return outer + function(start..<end, detail)
    }

    /// `closure #1` of `closure #1 (Int) -> ()`.
    private func closure(_ range: Range<Int>) -> String {
        guard let number = name.bytes[range].firstIndex(of: UInt8(ascii: "#")) else { return name.string(range) }
        return name.string(range.lowerBound..<min(name.identifierEnd(number + 1), range.upperBound))
    }

    private func function(_ range: Range<Int>, _ detail: Detail) -> String {
        var components = [""]
        var arguments = ""
        var position = range.lowerBound
        while position < range.upperBound {
            if name.has(" -> ", at: position) || name.has(" : ", at: position) || name.has(" [", at: position) { break }
            let byte = name.bytes[position]
            let isStart = components[components.count - 1].isEmpty
            if byte == UInt8(ascii: ".") && !isStart && name.isIdentifierOrBracket(at: position + 1) {
                // What follows arguments is within the function.
                components.append("")
                arguments = ""
                position += 1
            } else if name.opens(position) {
                let close = name.closing(position, in: range)
                let after = min(close + 1, range.upperBound)
                if byte == UInt8(ascii: "("), isStart {
                    // `(helper in _3A1B)`: private to a file.
                    let inner = position + 1..<close
                    let end = name.places(of: " in ", in: inner).first ?? close
                    components[components.count - 1] += name.string(inner.lowerBound..<end)
                } else if byte == UInt8(ascii: "(") {
                    arguments = labels(position + 1..<close)
                } else if byte != UInt8(ascii: "<") || detail == .generics {
                    components[components.count - 1] += name.string(position..<after)
                }
                position = after
            } else if byte == UInt8(ascii: " "), !arguments.isEmpty {
                break
            } else {
                components[components.count - 1] += name.string(position..<position + 1, wholeCharacters: true)
                position += name.characterLength(at: position)
            }
        }
        switch detail {
        case .last: return components.last ?? ""
        case .path: return components.joined(separator: ".")
        default: return components.joined(separator: ".") + arguments
        }
    }

    /// `(label:_:)` of `label: Int, Int`.
    private func labels(_ range: Range<Int>) -> String {
        if range.isEmpty { return "()" }
        var result = "("
        var start = range.lowerBound
        for end in name.places(of: ", ", in: range) + [range.upperBound] {
            let part = start..<end
            if let colon = name.places(of: ":", in: part).first {
                // `bar(_:label:)` has been shortened already.
                if colon + 1 < part.upperBound, name.bytes[colon + 1] != UInt8(ascii: " ") {
                    result += name.string(part)
                } else {
                    result += name.string(part.lowerBound..<colon) + ":"
                }
            } else {
                result += "_:"
            }
            start = min(end + 2, range.upperBound)
        }
        return result + ")"
    }
}

extension NameText {
    /// The name without `modules` where they begin a path, and without notes of extensions.
    fileprivate func withoutModules(_ modules: Set<String>) -> String {
        var kept: [UInt8] = []
        var position = 0
        while position < bytes.count {
            if has("(extension in ", at: position) {
                let close = closing(position, in: bytes.indices)
                if close + 1 < bytes.count, bytes[close + 1] == UInt8(ascii: ":") {
                    position = close + 2
                    continue
                }
            }
            let end = identifierEnd(position)
            if end == position {
                kept.append(bytes[position])
                position += 1
                continue
            }
            let isPathStart = position == 0 || bytes[position - 1] != UInt8(ascii: ".")
            if isPathStart, end + 1 < bytes.count, bytes[end] == UInt8(ascii: "."),
                modules.contains(string(position..<end))
            {
                position = end + 1
                continue
            }
            kept += bytes[position..<end]
            position = end
        }
        return String(decoding: kept, as: UTF8.self)
    }

    /// Where what the compiler made of a function ends, if there is such a note at `start`.
    fileprivate func endOfPrefix(_ start: Int, _ end: Int) -> Int? {
        let prefixes: [StaticString] = [
            "static ", "class ", "merged ", "specialized ", "protocol witness for ", "partial apply forwarder for ",
            "partial apply for ", "dispatch thunk of ", "@objc ", "vtable thunk for ", "override ",
        ]
        for prefix in prefixes where has(prefix, at: start) && start + prefix.utf8CodeUnitCount <= end {
            return start + prefix.utf8CodeUnitCount
        }
        for place in places(of: " specialization <", in: start..<end) {
            let close = closing(place + 16, in: start..<end)
            if close + 5 <= end, has(" of ", at: close + 1) { return close + 5 }
        }
        return nil
    }

    fileprivate func isIdentifierOrBracket(at position: Int) -> Bool {
        isIdentifier(at: position) || bytes.indices.contains(position) && bytes[position] == UInt8(ascii: "(")
            || bytes.indices.contains(position) && !opens(position)
    }

    /// How many bytes the character at `position` has.
    fileprivate func characterLength(at position: Int) -> Int {
        var length = 1
        while position + length < bytes.count, bytes[position + length] & 0xc0 == 0x80 { length += 1 }
        return length
    }

    fileprivate func string(_ range: Range<Int>, wholeCharacters: Bool) -> String {
        string(range.lowerBound..<range.lowerBound + characterLength(at: range.lowerBound))
    }
}
