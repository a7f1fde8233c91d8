import Primitives
import Testing

@testable import StackUnwinder

@Suite struct AddressSpaceTests {
    private func range(_ start: UInt64, _ end: UInt64) -> Range<Address> { Address(start)..<Address(end) }

    @Test func `a mapping over the middle of another leaves its two ends with their offsets`() {
        var space = AddressSpace()
        space.map(range: range(0x1000, 0x5000), fileOffset: FileOffset(0x100), module: ModuleID(1), kind: .file)
        #expect(space.generation == 0)
        space.map(range: range(0x2000, 0x3000), fileOffset: FileOffset(0), module: nil, kind: .anonymous)
        #expect(space.generation == 1)
        #expect(space.mappings.map(\.range) == [range(0x1000, 0x2000), range(0x2000, 0x3000), range(0x3000, 0x5000)])
        #expect(space.lookup(Address(0x3000))?.fileOffset == FileOffset(0x2100))
        #expect(space.lookup(Address(0x2fff))?.kind == .anonymous)
        #expect(space.lookup(Address(0x5000)) == nil)
        #expect(space.lookup(Address(0xfff)) == nil)
    }

    @Test func `a mapping told twice and one elsewhere leave caches valid`() {
        var space = AddressSpace()
        for _ in 0..<2 {
            space.map(range: range(0x1000, 0x2000), fileOffset: FileOffset(0), module: ModuleID(1), kind: .file)
        }
        space.map(range: range(0x2000, 0x3000), fileOffset: FileOffset(0), module: ModuleID(2), kind: .file)
        #expect(space.mappings.count == 2)
        #expect(space.generation == 0)
    }

    @Test func `random mappings stay sorted, disjoint and as a list of pages says`() {
        var generator = SeededGenerator(seed: 7)
        var space = AddressSpace()
        var pages = [UInt32?](repeating: nil, count: 64)
        for round in 0..<2_000 {
            let start = Int(generator.next() % 60)
            let end = start + 1 + Int(generator.next() % 4)
            let isMap = generator.next() % 4 != 0
            let bounds = range(UInt64(start) * 4_096, UInt64(end) * 4_096)
            if isMap {
                space.map(range: bounds, fileOffset: FileOffset(0), module: ModuleID(UInt32(round)), kind: .file)
            } else {
                space.unmap(bounds)
            }
            for page in start..<end { pages[page] = isMap ? UInt32(round) : nil }
            for (page, expected) in pages.enumerated() {
                #expect(space.lookup(Address(UInt64(page) * 4_096 + 5))?.module?.index == expected)
            }
        }
    }
}
