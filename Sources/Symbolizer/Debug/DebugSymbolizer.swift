import Primitives

/// A unit together with the file that describes its code, which for split debug information is not the main file.
struct LocatedUnit {
    var file: DebugFile
    var unit: Unit
}

/// What debug information says of one address.
struct DebugResult {
    var frames: [SymbolizedFrame] = []
    /// Whether the outermost frame's linkage name is known; if not, the symbol table may know a better one.
    var hasLinkageName = false
    /// The innermost position, for addresses in no function.
    var file = ""
    var line: UInt32 = 0
    var isFound: Bool { !frames.isEmpty || line != 0 || !file.isEmpty }
}

/// Answers addresses from the debug information of one file and its split and alternate files.
///
/// Addresses are taken unit by unit. A unit is decoded in one walk over its entries and one run of its line program,
/// both of which keep only what some address needs.
final class DebugSymbolizer {
    let file: DebugFile
    private(set) var warnings: [String]
    private let code: CodeRanges
    private let ranges: UnitRangeTable
    private var names: NameResolver
    private var splitNames: [ObjectIdentifier: NameResolver] = [:]
    /// Finds the unit that a skeleton stands for.
    private let findSplitUnit: (Unit) -> LocatedUnit?

    init(_ file: DebugFile, code: CodeRanges, findSplitUnit: @escaping (Unit) -> LocatedUnit?) {
        self.file = file
        self.code = code
        self.findSplitUnit = findSplitUnit
        names = NameResolver(file)
        var warnings = file.warnings
        ranges = UnitRangeTable(file, code: code, warnings: &warnings)
        self.warnings = warnings
    }

    /// One result for each of the sorted `addresses`.
    func symbolize(_ addresses: [UInt64]) -> [DebugResult] {
        var results = [DebugResult](repeating: DebugResult(), count: addresses.count)
        var open = addresses.indices.map { ($0, ranges.units(at: addresses[$0])[...]) }
        while true {
            // By unit, and by address within a unit; the second candidate of an address waits for the next round.
            var work: [(unit: Int, index: Int)] = []
            var later: [(Int, ArraySlice<Int>)] = []
            for (index, units) in open where results[index].frames.isEmpty {
                guard let unit = units.first else { continue }
                work.append((unit, index))
                if units.count > 1 { later.append((index, units.dropFirst())) }
            }
            if work.isEmpty { return results }
            work.sort { ($0.unit, $0.index) < ($1.unit, $1.index) }
            var start = 0
            while start < work.count {
                var end = start + 1
                while end < work.count, work[end].unit == work[start].unit { end += 1 }
                let indices = work[start..<end].map(\.index)
                resolve(file.units[work[start].unit], indices.map { addresses[$0] }, indices, &results)
                start = end
            }
            open = later
        }
    }

    private func resolve(_ unit: Unit, _ addresses: [UInt64], _ indices: [Int], _ results: inout [DebugResult]) {
        let slice = addresses[...]
        var lines = [SourceLine?](repeating: nil, count: addresses.count)
        var files: FileTable?
        if let offset = unit.lineOffset {
            do throws(DebugError) {
                let program = try LineProgram(file.sections, at: offset, unit)
                files = file.fileTable(of: unit, program)
                try program.run(slice, code: code, into: &lines)
            } catch {
                warn("lines of the unit at", unit, error)
            }
        }
        var located = LocatedUnit(file: file, unit: unit)
        if unit.isSkeleton {
            if let split = findSplitUnit(unit) {
                located = split
            } else {
                warn("split debug info \(file.string(unit.splitName)) not found for the unit at", unit, nil)
            }
        }
        var scan = UnitScan(located.unit, located.file.sections, slice, code: code)
        do throws(DebugError) {
            try scan.run(try located.file.abbreviations(of: located.unit))
        } catch {
            warn("entries of the unit at", located.unit, error)
        }
        withNames(of: located.file) { names in
            names.forgetMany()
            // The numbers of the nodes' functions, −1 where not yet asked for.
            var functions = [Int32](repeating: -1, count: scan.nodes.count)
            for position in addresses.indices {
                let result = Self.assemble(
                    scan, scan.innermost[position], lines[position], files, &names, &functions)
                if result.isFound { results[indices[position]] = result }
            }
        }
    }

    private func withNames(of file: DebugFile, _ body: (inout NameResolver) -> Void) {
        if file === self.file {
            body(&names)
        } else {
            if splitNames.count > 64 { splitNames.removeAll() }
            body(&splitNames[ObjectIdentifier(file), default: NameResolver(file)])
        }
    }

    private static func assemble(
        _ scan: UnitScan, _ innermost: Int32, _ line: SourceLine?, _ files: FileTable?, _ names: inout NameResolver,
        _ functions: inout [Int32]
    ) -> DebugResult {
        var result = DebugResult()
        var path = line.map { files?.path(UInt64($0.file)) ?? "" } ?? ""
        var number = line?.line ?? 0
        result.file = path
        result.line = number
        // Counted first: an array that grows by doubling would hold up to twice the frames.
        var depth = 0
        var index = Int(innermost)
        while index >= 0, depth < frameLimit {
            depth += 1
            index = Int(scan.nodes[index].parent)
        }
        result.frames.reserveCapacity(depth)
        index = Int(innermost)
        while index >= 0, result.frames.count < frameLimit {
            let node = scan.nodes[index]
            if functions[index] < 0 { functions[index] = names.number(of: node.function) }
            let function = functions[index]
            let declarationLine = names[function].declarationLine
            // Line 0 is what compilers write for code that belongs to no line; the declaration is the next best.
            if number == 0, declarationLine != 0, !names[function].declarationFile.isEmpty {
                number = declarationLine
                path = names[function].declarationFile
            }
            let hasLinkageName = !names[function].linkageName.isEmpty
            result.hasLinkageName = hasLinkageName || !names[function].isScoped
            result.frames.append(
                SymbolizedFrame(
                    linkageName: hasLinkageName ? names[function].linkageName : names[function].name,
                    displayName: names[function].scopedName, file: path, line: Int(clamping: number),
                    startLine: Int(clamping: declarationLine), isInlined: node.parent >= 0))
            path = files?.path(UInt64(node.callFile)) ?? ""
            number = node.callLine
            index = Int(node.parent)
        }
        return result
    }

    /// More inlined calls around one address than this are not followed.
    private static let frameLimit = 1024

    private func warn(_ what: String, _ unit: Unit, _ error: DebugError?) {
        guard warnings.count < 32 else { return }
        let detail = error.map { ": \($0)" } ?? ""
        warnings.append("debug info: \(what) \(hexadecimal(UInt64(unit.offset)))\(detail)")
    }
}
