public import Primitives
public import TargetFiles

/// The headers of one ELF file of 64 bits, little-endian, and access to its bytes.
///
/// The file is read with pread and stays open, so that an image remains readable when its file is deleted or replaced;
/// a file that shrinks gives errors, never a signal. Immutable, so it can be used from any thread.
public final class ElfImage: Sendable {
    /// `e_type`: 2 ET_EXEC, 3 ET_DYN.
    public let type: UInt16
    /// The instruction set.
    public let machine: ElfMachine
    /// Where execution starts; 0 in most libraries.
    public let entry: FileAddress
    /// The program header table.
    public let segments: [ElfSegment]
    /// The section header table; empty when it was stripped or does not fit into the file.
    public let sections: [ElfSection]
    /// Whether the file states a section header table that cannot be used, as damage and some packers leave it.
    public let hasDamagedSections: Bool
    /// The linker's identity of the file.
    public let buildID: BuildID?

    let source: ElfSource

    /// Reads the headers of `file`, which the image then owns.
    public convenience init(reading file: consuming FileDescriptor) throws(ElfError) {
        try self.init(source: .file(file))
    }

    /// Reads the headers of a file of a sampled process, which may stop answering: see ``isGivenUp``.
    public convenience init(reading file: TargetFile) throws(ElfError) {
        try self.init(source: .target(file))
    }

    /// Reads the headers of an image that is wholly in memory, such as the vDSO.
    public convenience init(bytes: [UInt8]) throws(ElfError) {
        try self.init(source: .memory(bytes))
    }

    private init(source: consuming ElfSource) throws(ElfError) {
        let header = try ElfHeader(try source.read(at: FileOffset(0), count: ElfHeader.size))
        let segments = try ElfTables.segments(of: source, header: header)
        let (sections, isDamaged) = try ElfTables.sections(of: source, header: header)
        buildID = try ElfTables.buildID(of: source, segments: segments, sections: sections)
        type = header.type
        machine = ElfMachine(rawValue: header.machine)
        entry = FileAddress(header.entry)
        self.segments = segments
        self.sections = sections
        hasDamagedSections = isDamaged
        self.source = source
    }

    /// Whether the file has stopped answering, so that every further read fails at once.
    public var isGivenUp: Bool { source.isGivenUp }

    /// Up to `count` bytes from `offset`; fewer at the end of the file.
    public func read(at offset: FileOffset, count: Int) throws(ElfError) -> [UInt8] {
        try source.read(at: offset, count: count)
    }

    /// The first section called `name`.
    public func section(named name: String) -> ElfSection? {
        sections.first { $0.name == name }
    }

    /// The bytes of `section` as they are in the file; empty when it has none there.
    ///
    /// A section of more than `limit` bytes, or one that lies outside the file, is refused.
    public func read(_ section: ElfSection, limit: Int = 1 << 28) throws(ElfError) -> [UInt8] {
        guard !section.hasNoBytes, section.size > 0 else { return [] }
        return try read(at: section.offset, exactly: section.size, limit: limit)
    }

    /// Exactly `count` bytes from `offset`, where both come from input.
    public func read(at offset: FileOffset, exactly count: UInt64, limit: Int) throws(ElfError) -> [UInt8] {
        // Checked before reading: the buffer is allocated for `count` bytes.
        let (end, overflow) = offset.value.addingReportingOverflow(count)
        guard count <= UInt64(max(limit, 0)), !overflow, end <= (try source.size()) else { throw .malformed }
        let bytes = try source.read(at: offset, count: Int(count))
        guard bytes.count == Int(count) else { throw .malformed }
        return bytes
    }

    /// Where `offset` of the file is when it is mapped for execution; nil outside the executable segments.
    ///
    /// The kernel maps whole pages, and lld and mold let segments share the pages of the file, so a page at the edge of
    /// the executable segment is in two segments: the executable one counts, its edges rounded to pages.
    public func fileAddress(for offset: FileOffset) -> FileAddress? {
        // Exact containment first, since rounded segments can overlap each other.
        for rounding: UInt64 in [1, pageSize] {
            for segment in segments where segment.isLoad && segment.isExecutable {
                let first = segment.offset.value & ~(rounding &- 1)
                let (end, overflow) = segment.offset.value.addingReportingOverflow(segment.fileSize)
                guard !overflow, end <= UInt64.max - rounding else { continue }
                let last = (end &+ rounding &- 1) & ~(rounding &- 1)
                if offset.value >= first, offset.value < last {
                    return FileAddress(offset.value &- segment.offset.value &+ segment.address.value)
                }
            }
        }
        return nil
    }

    /// Whether `other` has its code at the same places of the file and of memory, as a stripped copy has.
    public func hasCodePlaced(as other: ElfImage) -> Bool {
        func code(_ image: ElfImage) -> [ElfSegment] { image.segments.filter { $0.isLoad && $0.isExecutable } }
        return machine == other.machine && code(self) == code(other)
    }

    /// Where `address` of the image is in the file, by its load segments.
    public func fileOffset(for address: FileAddress) -> FileOffset? {
        for segment in segments where segment.isLoad {
            if let offset = segment.fileOffset(for: address) { return offset }
        }
        return nil
    }

    /// The largest page that kernels for this machine use.
    private var pageSize: UInt64 { machine == .arm64 ? 65_536 : 4_096 }
}
