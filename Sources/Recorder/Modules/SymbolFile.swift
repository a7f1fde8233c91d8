internal import ELF
internal import Primitives
internal import TargetFiles

/// A file that a module's names can be read from.
struct SymbolFile {
    /// The path in the mount namespace of a process that mapped it.
    var path: String
    /// Open for the symbolizer; nil when it could not be opened, and for memory.
    var file: TargetFile?
    /// The root folder of that process, where debug files are looked for: `/proc/PID/root`.
    var searchRoot: String
    /// How much it tells.
    var wealth: Wealth

    /// What a file has of symbols, the least first.
    enum Wealth: Int, Comparable {
        case nothing, symbols, debugInformation

        static func < (left: Wealth, right: Wealth) -> Bool { left.rawValue < right.rawValue }
    }

    /// The file at `path` as `process` sees it, or sprof if that is nil; its headers tell what is in it.
    init(path: String, file: TargetFile?, image: ElfImage?, process: ProcessID?) {
        self.path = path
        self.file = file
        searchRoot = process.map { "/proc/\($0)/root" } ?? ""
        func has(_ names: [String]) -> Bool {
            image?.sections.contains { names.contains($0.name) && !$0.hasNoBytes && $0.size > 0 } ?? false
        }
        wealth =
            has([".debug_info", ".zdebug_info"]) ? .debugInformation : has([".symtab"]) ? .symbols : .nothing
    }
}
