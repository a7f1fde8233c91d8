import ELF
import Glibc
import Primitives

@testable import StackUnwinder

/// Reads /proc/PID/maps for tests.
enum MapsText {
    /// Adds the executable mappings of `text`, registering files not in `ids`.
    static func fill(
        _ space: inout AddressSpace, from text: [UInt8], modules: ModuleTable, ids: inout [String: ModuleID]
    ) {
        for line in text.split(separator: 0x0a) {
            let fields = line.split(separator: 0x20, maxSplits: 5, omittingEmptySubsequences: true)
                .map { String(decoding: $0, as: UTF8.self) }
            guard fields.count >= 5, fields[1].contains("x") else { continue }
            let bounds = fields[0].split(separator: "-").compactMap { UInt64($0, radix: 16) }
            guard bounds.count == 2, let offset = UInt64(fields[2], radix: 16) else { continue }
            let range = Address(bounds[0])..<Address(bounds[1])
            let name = fields.count > 5 ? String(fields[5].drop { $0 == " " }) : ""
            if name.hasPrefix("/"), ids[name] == nil, let file = try? FileDescriptor(opening: name),
                let image = try? ElfImage(reading: file)
            {
                ids[name] = modules.register(image, displayName: String(name.split(separator: "/").last ?? ""))
            }
            if name == "[vdso]", ids[name] == nil, let image = vdso() {
                ids[name] = modules.register(image, displayName: name)
            }
            space.map(
                range: range, fileOffset: FileOffset(offset), module: ids[name],
                kind: name == "[vdso]" ? .vdso : name.hasPrefix("/") ? .file : .anonymous)
        }
    }

    /// The vDSO of this process, which is that of every process.
    static func vdso() -> ElfImage? {
        guard let maps = text(ofSmallFile: "/proc/self/maps") else { return nil }
        for line in maps.split(separator: "\n") where line.hasSuffix("[vdso]") {
            let bounds = line.prefix { $0 != " " }.split(separator: "-").compactMap { UInt64($0, radix: 16) }
            guard bounds.count == 2, let base = unsafe UnsafeRawPointer(bitPattern: UInt(bounds[0])) else { continue }
            let bytes = unsafe UnsafeRawBufferPointer(start: base, count: Int(bounds[1] - bounds[0]))
            return try? ElfImage(bytes: unsafe [UInt8](bytes))
        }
        return nil
    }
}
