internal import ELF
internal import Primitives
internal import StackUnwinder
internal import Symbolizer
internal import TargetFiles

/// A file (or memory) that sampled code lies in, shared by all processes that map it.
final class Module {
    /// What the module is.
    enum Kind: Equatable {
        case file
        case vdso
        /// Memory without a file in one process: code made at run time.
        case anonymous(ProcessID)
    }

    let kind: Kind
    /// The path in the process's mount namespace, or the kernel's name for it.
    let path: String
    /// As the kernel or the file states it.
    let buildID: BuildID?
    /// The headers of the file; nil when it could not be read.
    let image: ElfImage?
    /// What names are read from: the first file of the build, or a copy of it that tells more.
    private(set) var symbolFile: SymbolFile
    /// The module as the unwinder knows it; nil without an image.
    var unwindID: ModuleID?
    /// Why there is no image.
    let problem: String?
    /// There is none because its file system did not answer.
    let isSilent: Bool
    /// The first mapping that was seen of each part of the file: what the profile states as its addresses.
    private(set) var firstMappings: [FirstMapping] = []

    /// A part of the file as the first process had it.
    struct FirstMapping {
        var range: Range<Address>
        var fileOffset: FileOffset
    }

    /// Which process last asked for the file while it could not be opened, and how many did.
    private var lastAttempt: ProcessID?
    private var attemptCount = 0

    /// See `openPerfMap`.
    var perfMap: PerfMapFile?
    private var perfMapAttemptCount = 0
    /// Why it is not asked for any more.
    private(set) var perfMapFailure: PerfMapFailure?
    /// The jitdump of the process whose memory this is, if it writes one.
    var jitDump: JitDump?
    /// Why there is none, although the process mapped one.
    private(set) var jitDumpFailure: JitDumpFailure?

    init(
        kind: Kind, path: String, buildID: BuildID?, image: ElfImage?, symbolFile: SymbolFile, problem: String?,
        isSilent: Bool = false
    ) {
        self.kind = kind
        self.path = path
        self.buildID = buildID
        self.image = image
        self.symbolFile = symbolFile
        self.problem = problem
        self.isSilent = isSilent
    }

    /// Whether what is known of the file still holds for `process`, which maps it as well. Not if it has been written to since
    /// it was opened, which a build ID would tell; and what could not be opened, as it went with a process or a mount namespace,
    /// is tried again for others.
    func holds(for process: ProcessID) -> Bool {
        if let file = symbolFile.file { return buildID != nil || !file.hasChanged }
        guard !isSilent, lastAttempt != process, attemptCount < 1000 else { return true }
        lastAttempt = process
        attemptCount += 1
        return false
    }

    /// Reads names from `copy`, another file of the same build, if it tells more: one of two may be stripped.
    func offer(_ copy: SymbolFile) {
        if copy.wealth > symbolFile.wealth { symbolFile = copy }
    }

    /// The names of code made at run time, opened while the process lives, since they go with it.
    func openPerfMap(patience: Patience) {
        guard case .anonymous(let process) = kind, perfMap == nil, perfMapFailure == nil, perfMapAttemptCount < 1000
        else { return }
        perfMapAttemptCount += 1
        do throws(PerfMapFailure) {
            perfMap = try PerfMapFile(of: process, patience: patience)
        } catch {
            // Others may come to be a map that can be read, as long as the process lives.
            if error.isSilence { perfMapFailure = error }
        }
    }

    /// Opens the jitdump that the process has mapped to tell profilers of it.
    func openJitDump(_ path: String, patience: Patience) {
        guard case .anonymous(let process) = kind else { return }
        do throws(JitDumpFailure) {
            jitDump = try JitDump(path, of: process, patience: patience)
        } catch {
            jitDumpFailure = error
        }
    }

    /// Whether a position in anonymous memory lies where code was mapped.
    func covers(_ position: UInt64) -> Bool {
        firstMappings.contains { $0.range.contains(Address(position)) }
    }

    /// Remembers the mapping at `range` unless a mapping of the same part is known already.
    func noteMapping(_ range: Range<Address>, fileOffset: FileOffset) {
        if case .anonymous = kind {
            // Code made at run time comes in many small mappings; the profile states the span of them all.
            guard let known = firstMappings.first?.range else {
                firstMappings = [FirstMapping(range: range, fileOffset: FileOffset(0))]
                return
            }
            firstMappings[0].range =
                min(known.lowerBound, range.lowerBound)..<max(known.upperBound, range.upperBound)
            return
        }
        guard !firstMappings.contains(where: { $0.fileOffset == fileOffset }) else { return }
        firstMappings.append(FirstMapping(range: range, fileOffset: fileOffset))
    }

    /// The position of a process address within the module: its ELF address; without ELF headers its place in the file;
    /// in anonymous memory the address itself.
    func position(of address: Address, in range: Range<Address>, mappedFrom fileOffset: FileOffset) -> UInt64 {
        if case .anonymous = kind { return address.value }
        let offset = FileOffset(address.value &- range.lowerBound.value &+ fileOffset.value)
        return image?.fileAddress(for: offset)?.value ?? offset.value
    }

    /// The name for a position that has no symbol: `[libfoo.so+0x1234]`.
    func placeholderName(ofPosition position: UInt64) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return "[\(name)+\(hexadecimal(position))]"
    }

    /// The place in the file of a position that `position(of:in:mappedFrom:)` gave.
    func fileOffset(ofPosition position: UInt64) -> FileOffset {
        image?.fileOffset(for: FileAddress(position)) ?? FileOffset(position)
    }
}
