import ELF
import Primitives

/// The bytes of an image's code around a few addresses, read from the file by pages of which the last ones are kept.
struct CodePages: ~Copyable {
    /// Bytes around an address.
    struct Window {
        /// The bytes before the address that are in `bytes`.
        static let before = 16
        static let size = 48
        var bytes = InlineArray<48, UInt8>(repeating: 0)
        /// Which part of `bytes` is filled.
        var valid: Range<Int> = 0..<0

        /// The byte at `offset` from the address; nil when not known.
        subscript(offset: Int) -> UInt8? {
            let position = offset + Self.before
            return valid.contains(position) ? bytes[position] : nil
        }

        /// Whether the bytes from `offset` on are `expected`.
        func has(_ expected: [UInt8], at offset: Int = 0) -> Bool {
            for (distance, byte) in expected.enumerated() where self[offset + distance] != byte { return false }
            return true
        }

        /// Four bytes from `offset`, little-endian.
        func word(at offset: Int) -> UInt32? {
            guard let a = self[offset], let b = self[offset + 1], let c = self[offset + 2], let d = self[offset + 3]
            else { return nil }
            return UInt32(a) | UInt32(b) << 8 | UInt32(c) << 16 | UInt32(d) << 24
        }
    }

    private static let pageSize: UInt64 = 4_096
    private static let slots = 64
    private var numbers = [UInt64](repeating: .max, count: slots)
    private var pages = [[UInt8]](repeating: [], count: slots)

    /// What is known of the bytes around `address` of `image`.
    mutating func window(around address: UInt64, of image: ElfImage) -> Window {
        var window = Window()
        guard let offset = image.fileOffset(for: FileAddress(address)) else { return window }
        var first = Window.size
        var last = 0
        for position in 0..<Window.size {
            let (at, overflow) = offset.value.subtractingReportingOverflow(UInt64(Window.before))
            guard !overflow, let byte = byte(at: at &+ UInt64(position), of: image) else { continue }
            window.bytes[position] = byte
            first = min(first, position)
            last = position + 1
        }
        window.valid = first < last ? first..<last : 0..<0
        return window
    }

    private mutating func byte(at offset: UInt64, of image: ElfImage) -> UInt8? {
        let number = offset / Self.pageSize
        let slot = Int(number % UInt64(Self.slots))
        if numbers[slot] != number {
            numbers[slot] = number
            pages[slot] =
                (try? image.read(at: FileOffset(number * Self.pageSize), count: Int(Self.pageSize))) ?? []
        }
        let within = Int(offset % Self.pageSize)
        return within < pages[slot].count ? pages[slot][within] : nil
    }
}
