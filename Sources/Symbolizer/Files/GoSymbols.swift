import CElfutils
import GoRuntimeTables
import Primitives

/// Names and lines of a Go program from the tables of its runtime, which stripping leaves.
struct GoSymbols {
    private let table: GoFunctionTable
    private let section: SectionBytes
    /// Where the table begins in `section`.
    private let position: Int
    /// The section that lists inlined calls, and where in it the list begins.
    private var inlining: (section: SectionBytes, position: Int)?

    /// More inlined calls around one address than this are not followed.
    private static let depthLimit = 128

    /// Nil when the file has no such table.
    init?(_ file: ElfFile) {
        var home: (section: ElfFile.Section, bytes: SectionBytes, position: Int)?
        for name in GoFunctionTable.sectionNames {
            guard let section = file.sections.first(where: { $0.name == name }) else { continue }
            home = (section, file.contents(section), 0)
            break
        }
        if home == nil, file.sections.contains(where: { $0.name.hasPrefix(".note.go.") || $0.name == ".go.buildinfo" }),
            let section = file.sections.first(where: { $0.name == GoFunctionTable.joinedSectionName })
        {
            let bytes = file.contents(section)
            if let position = GoFunctionTable.position(in: bytes.bytes) { home = (section, bytes, position) }
        }
        guard let (section, bytes, position) = home else { return nil }
        let tableBytes = bytes.bytes.extracting(position..<bytes.count)
        guard var table = GoFunctionTable(tableBytes) else { return nil }
        let address = FileAddress(section.address &+ UInt64(position))
        let relocations = file.sections.filter { $0.type == UInt32(SHT_RELA) }.map { file.contents($0) }
        if table.needsTextStart {
            let place = FileAddress(address.value &+ GoFunctionTable.textStartPosition)
            guard
                let start = relocations.lazy.compactMap({ RelativeRelocation.value(at: place, in: $0.bytes) }).first,
                let relocated = GoFunctionTable(tableBytes, textStart: start)
            else { return nil }
            table = relocated
        }
        self.table = table
        self.section = bytes
        self.position = position
        inlining = Self.inlining(table, at: address, of: file, relocations: relocations)
    }

    /// The functions around `address`; nil if there is none.
    func symbolized(_ address: FileAddress) -> SymbolizedAddress? {
        let bytes = section.bytes.extracting(position..<section.count)
        guard let function = table.function(at: address, in: bytes), let name = table.name(of: function, in: bytes),
            !name.isEmpty
        else { return nil }
        var frames: [SymbolizedFrame] = []
        var address = address
        while frames.count < Self.depthLimit, let inlining {
            let data = inlining.section.bytes.extracting(inlining.position..<inlining.section.count)
            guard let call = table.inlinedCall(of: function, at: address, in: bytes, data: data) else { break }
            let line = table.line(of: function, at: address, in: bytes)
            frames.append(
                SymbolizedFrame(
                    linkageName: call.name, displayName: call.name, file: line?.file ?? "", line: line?.line ?? 0,
                    startLine: call.startLine))
            address = call.caller
        }
        let line = table.line(of: function, at: address, in: bytes)
        frames.append(
            SymbolizedFrame(
                linkageName: name, displayName: name, file: line?.file ?? "", line: line?.line ?? 0,
                startLine: function.startLine))
        return SymbolizedAddress(frames: frames)
    }

    private static func inlining(
        _ table: GoFunctionTable, at address: FileAddress, of file: ElfFile, relocations: [SectionBytes]
    ) -> (SectionBytes, Int)? {
        let writable = file.sections.filter {
            $0.type == UInt32(SHT_PROGBITS) && $0.flags & UInt64(SHF_WRITE) != 0
        }
        let start =
            writable.lazy.compactMap { table.functionData(in: file.contents($0).bytes, table: address) }.first
            ?? relocations.lazy.compactMap { table.functionData(inRelocations: $0.bytes, table: address) }.first
        guard let start,
            let home = file.sections.first(where: {
                $0.address != 0 && start.value >= $0.address && start.value &- $0.address < $0.size
            })
        else { return nil }
        let contents = file.contents(home)
        let offset = start.value &- home.address
        guard offset < UInt64(contents.count) else { return nil }
        return (contents, Int(offset))
    }
}
