public import ELF
public import Primitives
public import ProfileModel
internal import StackUnwinder
public import Symbolizer

/// The file that a mapping of a profile shows, found on this machine.
public final class Binary {
    /// Where it was found.
    public let path: String
    /// Its headers and bytes.
    public let image: ElfImage
    /// A second descriptor of the file, for workers that look up its lines.
    public let file: OpenFile
    private let symbols: FunctionSymbols
    /// Tells functions apart that have no symbols, by their unwind information.
    private let unwindModules = ModuleTable()
    private lazy var unwindModule = unwindModules[unwindModules.register(image, displayName: path)]

    /// Opens `path`. Refuses what is no regular ELF file that holds code: a file with debug information only has the headers of the
    /// binary, but not its bytes.
    init(opening path: String) throws(BinaryError) {
        do {
            file = OpenFile(try FileDescriptor(openingRegularFile: path))
        } catch {
            throw .unreadable(error)
        }
        image = try Self.image(file, path: path)
        self.path = path
        if image.sections.contains(where: { $0.flags & 0x4 != 0 && $0.hasNoBytes && $0.name == ".text" }) {
            throw .noCode(path: path)
        }
        symbols = FunctionSymbols(image, path: path)
    }

    private static func image(_ file: OpenFile, path: String) throws(BinaryError) -> ElfImage {
        guard let copy = try? file.descriptor.duplicate() else { throw .unreadable(.last("open " + path)) }
        do {
            return try ElfImage(reading: copy)
        } catch {
            throw .notElf(path: path, reason: error)
        }
    }

    /// The address in the file of `address` of the process, which lies in `mapping`; nil outside the mapping or the file's code.
    ///
    /// As the kernel maps pages of files, `mapping.fileOffset` is the place of `mapping.start`; so this is right for
    /// executables of fixed and of any address, and for libraries.
    public func fileAddress(of address: Address, in mapping: Mapping) -> FileAddress? {
        guard address >= mapping.start, address < mapping.limit else { return nil }
        let (offset, overflow) = mapping.fileOffset.value
            .addingReportingOverflow(address.value - mapping.start.value)
        return overflow ? nil : image.fileAddress(for: FileOffset(offset))
    }

    /// The function around `address`, by its symbols or, in a stripped file, by its unwind information and then without a name.
    func function(around address: FileAddress) -> FunctionSymbols.Function? {
        symbols.function(around: address)
            ?? unwindModule.functionRange(around: address).map { FunctionSymbols.Function(range: $0, names: []) }
    }

    /// The bytes of the code in `range`, as far as the file has them; at most `limit`.
    func code(in range: Range<FileAddress>, limit: Int) -> [UInt8] {
        guard let offset = image.fileOffset(for: range.lowerBound) else { return [] }
        let count = Int(clamping: range.upperBound.value - range.lowerBound.value)
        return (try? image.read(at: offset, count: min(count, limit))) ?? []
    }
}

/// Why a file is not used for machine code.
public enum BinaryError: Error, Hashable, Sendable, CustomStringConvertible {
    /// It cannot be opened or read.
    case unreadable(SystemError)
    /// It is no ELF file of a kind that is known here.
    case notElf(path: String, reason: ElfError)
    /// It holds debug information but no code.
    case noCode(path: String)
    /// It is another build than the one that was profiled.
    case buildIDMismatch(path: String, profiled: String, found: String)

    /// What was tried and why it failed.
    public var description: String {
        switch self {
        case .unreadable(let error): error.description
        case .notElf(let path, .unsupportedFormat): "\(path) is an ELF file of 32 bits or of big-endian byte order"
        case .notElf(let path, _): "\(path) is no usable ELF file"
        case .noCode(let path): "\(path) holds debug information only, no code"
        case .buildIDMismatch(let path, let profiled, let found):
            "\(path) is another build: its build ID is \(found), the profile's \(profiled)"
        }
    }
}
