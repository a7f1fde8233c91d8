import ELF
package import Primitives

/// Random addresses in the executable sections of a file, the same for the same seed.
package struct RandomAddresses {
    private var ranges: [Range<UInt64>] = []
    private let seed: UInt64

    package init(file: String, seed: UInt64) throws {
        self.seed = seed
        let image = try ElfImage(reading: FileDescriptor(opening: file))
        // SHF_ALLOC and SHF_EXECINSTR.
        ranges = image.sections.filter { $0.flags & 6 == 6 }
            .map { $0.address.value..<$0.address.value + $0.size }
    }

    /// At most `count` distinct addresses, sorted.
    package func addresses(_ count: Int) -> [FileAddress] {
        var generator = SeededGenerator(seed: seed)
        let size = ranges.reduce(0) { $0 + UInt64($1.count) }
        guard size > 0 else { return [] }
        var found: Set<UInt64> = []
        for _ in 0..<count * 4 where found.count < count {
            var position = generator.next() % size
            for range in ranges {
                if position < UInt64(range.count) {
                    found.insert(range.lowerBound + position)
                    break
                }
                position -= UInt64(range.count)
            }
        }
        return found.sorted().map { FileAddress($0) }
    }
}
