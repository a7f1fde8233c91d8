import ELF
import Primitives

/// An address of a process, resolved to the image it is in.
struct CodeLocation {
    let kind: CodeMapping.Kind
    /// Nil for memory without a known image.
    let module: UnwindModule?
    /// The address in the image.
    let address: UInt64
    /// What was added to the image's addresses when it was loaded.
    let bias: UInt64

    /// Nil when nothing executable is mapped at `address`.
    init?(_ address: UInt64, in space: borrowing AddressSpace, modules: ModuleTable) {
        guard let mapping = space.lookup(Address(address)) else { return nil }
        kind = mapping.kind
        if let id = mapping.module, Int(id.index) < modules.count,
            let fileAddress = modules[id].image.fileAddress(for: mapping.fileOffset(of: Address(address)))
        {
            module = modules[id]
            self.address = fileAddress.value
            bias = address &- fileAddress.value
        } else {
            module = nil
            self.address = address
            bias = 0
        }
    }
}
