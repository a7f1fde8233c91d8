/// Opens the .dwo files or the .dwp package that skeleton units point to, and finds the units in them.
final class SplitUnitFinder {
    private(set) var openedCount = 0
    private(set) var usesPackage = false

    private let finder: DebugFileFinder
    private let main: DebugFile
    private let path: String
    private let debugPath: String
    private var package: DebugFile?
    private var hasLookedForPackage = false
    /// By unit, so that several batches open a file once; few, since each is a mapped file.
    private var opened: [Int: DebugFile] = [:]

    init(_ finder: DebugFileFinder, main: DebugFile, path: String, debugPath: String) {
        self.finder = finder
        self.main = main
        self.path = path
        self.debugPath = debugPath
    }

    /// The unit that `skeleton`, a unit of the main file, stands for.
    func find(_ skeleton: Unit) -> LocatedUnit? {
        if !hasLookedForPackage {
            hasLookedForPackage = true
            if let file = finder.package(of: path) ?? finder.package(of: debugPath) {
                package = DebugFile(sections(of: file))
                usesPackage = true
            }
        }
        if let package, let id = skeleton.splitID, let share = package.package?.share(ofSplitID: id),
            let unit = package.unit(containing: share.info)
        {
            return located(unit, in: package, skeleton)
        }
        let file: DebugFile
        if let known = opened[skeleton.offset] {
            file = known
        } else {
            let name = main.string(skeleton.splitName)
            let directory = main.string(skeleton.compilationDirectory)
            guard let found = finder.splitFile(name, compiledIn: directory, besides: path) else { return nil }
            file = DebugFile(sections(of: found))
            openedCount += 1
            if opened.count >= 64 { opened.removeAll() }
            opened[skeleton.offset] = file
        }
        let unit = file.units.first { unit in
            unit.kind != UnitKind.splitType && (skeleton.splitID == nil || unit.splitID == skeleton.splitID)
        }
        return unit.map { located($0, in: file, skeleton) }
    }

    /// Addresses, and in DWARF 4 ranges, stay in the main file.
    private func sections(of file: ElfFile) -> DebugSections {
        var sections = DebugSections(file, isSplit: true)
        sections.addresses = main.sections.addresses
        sections.ranges = main.sections.ranges
        sections.lineStrings = main.sections.lineStrings
        return sections
    }

    private func located(_ unit: Unit, in file: DebugFile, _ skeleton: Unit) -> LocatedUnit {
        file.skeletonFile = main
        if let id = unit.splitID { file.skeletons[id] = skeleton }
        return LocatedUnit(file: file, unit: joined(unit, skeleton))
    }

    private func joined(_ unit: Unit, _ skeleton: Unit) -> Unit {
        var unit = unit
        unit.addressBase = skeleton.addressBase
        unit.rangesBase = skeleton.rangesBase
        unit.lowPC = skeleton.lowPC
        unit.compilationDirectory = .none
        return unit
    }
}
