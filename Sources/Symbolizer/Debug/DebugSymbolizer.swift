import Primitives

/// A unit together with the file that describes its code, which for split debug information is not the main file.
struct LocatedUnit {
    var file: DebugFile
    var unit: Unit
}

/// A source file and a line in it.
struct SourcePosition {
    var file: String
    var line: Int
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

    /// Fills in `results` for those of the sorted `addresses` that lie in functions; a position for each that lies in none
    /// but has a line.
    func symbolize(
        _ addresses: [UInt64], _ functions: inout FunctionStore, into results: inout [SymbolizedAddress]
    ) -> [Int: SourcePosition] {
        var positions: [Int: SourcePosition] = [:]
        // By unit, and by address within a unit; the second candidate of an address waits for the next round.
        var work: [(unit: Int32, index: Int32)] = []
        work.reserveCapacity(addresses.count)
        for index in addresses.indices {
            if let unit = ranges.firstUnit(at: addresses[index]) { work.append((unit, Int32(clamping: index))) }
        }
        var round = 0
        while !work.isEmpty {
            work.sort { ($0.unit, $0.index) < ($1.unit, $1.index) }
            var start = 0
            while start < work.count {
                var end = start + 1
                while end < work.count, work[end].unit == work[start].unit { end += 1 }
                let indices = work[start..<end].map { Int($0.index) }
                resolve(
                    file.units[Int(work[start].unit)], indices.map { addresses[$0] }, indices, &functions, &results,
                    &positions)
                start = end
            }
            round += 1
            work = work.compactMap { work in
                guard results[Int(work.index)].innermost == nil else { return nil }
                let units = ranges.units(at: addresses[Int(work.index)])
                return units.count > round ? (Int32(clamping: units[round]), work.index) : nil
            }
        }
        return positions
    }

    private func resolve(
        _ unit: Unit, _ addresses: [UInt64], _ indices: [Int], _ functions: inout FunctionStore,
        _ results: inout [SymbolizedAddress], _ positions: inout [Int: SourcePosition]
    ) {
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
        var chains = InlineChains(scan.nodes, files: files)
        withNames(of: located.file) { names in
            names.forgetMany()
            for position in addresses.indices {
                let node = scan.innermost[position]
                let line = lines[position]
                if node >= 0 {
                    results[indices[position]] = chains.address(
                        at: node, line, symbol: functions.symbol(at: addresses[position]), &names, &functions)
                } else if let line {
                    let path = files?.path(UInt64(line.file)) ?? ""
                    if line.line == 0, path.isEmpty { continue }
                    positions[indices[position]] = SourcePosition(file: path, line: Int(clamping: line.line))
                }
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

    private func warn(_ what: String, _ unit: Unit, _ error: DebugError?) {
        guard warnings.count < 32 else { return }
        let detail = error.map { ": \($0)" } ?? ""
        warnings.append("debug info: \(what) \(hexadecimal(UInt64(unit.offset)))\(detail)")
    }
}
