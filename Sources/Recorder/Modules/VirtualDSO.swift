internal import CLinux
internal import Glibc
internal import Primitives

/// The kernel's shared object in every process, read from sprof's own memory.
enum VirtualDSO {
    /// More than any kernel's image takes.
    private static let largest = 64 << 10

    /// The bytes of the image; nil when the kernel maps none.
    ///
    /// The address comes from the auxiliary vector (getauxval(3)) and not from /proc/self, which is closed to a program with
    /// file capabilities. The section header table is the last thing in the image and so tells its size.
    static func bytes() -> [UInt8]? {
        let address = getauxval(UInt(AT_SYSINFO_EHDR))
        // Mapped by the kernel before this program began, and never unmapped.
        guard let start = unsafe UnsafeRawPointer(bitPattern: UInt(address)) else { return nil }
        let header = unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: 64))
        var reader = ByteReader(header.rawSpan)
        do throws(ReadError) {
            // e_shoff, e_shentsize and e_shnum of the ELF-64 file header.
            try reader.seek(to: 40)
            let offset = try reader.read(UInt64.self)
            try reader.seek(to: 58)
            let entrySize = try reader.read(UInt16.self)
            let count = try reader.read(UInt16.self)
            let tableSize = UInt64(entrySize) * UInt64(count)
            guard offset >= 64, offset <= UInt64(largest), tableSize > 0, offset + tableSize <= UInt64(largest) else {
                return nil
            }
            return unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: Int(offset + tableSize)))
        } catch {
            return nil
        }
    }
}
