public import ELF

/// Names an image in a `ModuleTable`.
public struct ModuleID: Hashable, Sendable {
    /// The position in the table.
    public let index: UInt32

    init(_ index: UInt32) {
        self.index = index
    }
}

/// The images that stacks run through, each registered once and shared by all processes that map it.
///
/// Belongs to one thread: looking up an address decodes unwind information and keeps it.
public final class ModuleTable {
    private var modules: [UnwindModule] = []

    /// An empty table.
    public init() {}

    /// Adds an image; its unwind information is read when an address in it is first met.
    ///
    /// The caller sees to it that a file is registered once (by build ID, or by device and inode).
    public func register(_ image: ElfImage, displayName: String) -> ModuleID {
        modules.append(UnwindModule(image, displayName: displayName))
        return ModuleID(UInt32(modules.count - 1))
    }

    /// The number of images.
    public var count: Int { modules.count }

    /// The image registered under `id`, which must come from this table.
    public subscript(id: ModuleID) -> UnwindModule {
        modules[Int(id.index)]
    }
}
