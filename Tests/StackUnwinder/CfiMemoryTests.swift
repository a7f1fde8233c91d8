import ELF
import Primitives
import Testing

@testable import StackUnwinder

/// Unwind information of large programs, of which little may be in memory at any time.
@Suite(.enabled(if: CompiledPrograms.has("gcc"), "needs gcc"))
struct CfiMemoryTests {
    private static let functionCount = 200_000

    /// A library of functions of three instructions each, between which a word is on the stack: 5 MB of `.eh_frame`.
    private func library(_ options: String, in programs: CompiledPrograms) throws -> ElfImage {
        let path = try programs.compile(
            """
            .text
            .globl first
            first:
            .rept \(Self.functionCount)
            .cfi_startproc
            push %rax
            .cfi_def_cfa_offset 16
            pop %rax
            .cfi_def_cfa_offset 8
            ret
            .cfi_endproc
            .endr
            """, "gcc -shared -nostdlib \(options)", name: "large", language: "s")
        return try ElfImage(reading: try FileDescriptor(opening: path))
    }

    @Test(arguments: ["-Wl,--eh-frame-hdr", "-Wl,--no-eh-frame-hdr"])
    func `five megabytes are read a few at a time, and every row is right`(option: String) throws {
        let programs = try CompiledPrograms()
        let image = try library(option, in: programs)
        let text = try #require(image.section(named: ".text")).address.value
        let (section, header) = try #require(FrameSections.ehFrame(of: image, limit: 1 << 28))
        #expect(section.byteCount > 4_500_000)
        #expect((header == nil) == option.contains("no-"))
        let index = try #require(
            header.map { FdeIndex(header: $0, section: section, base: 0) }
                ?? FdeIndex(scanning: section, base: 0))
        #expect(index.count == Self.functionCount)
        var table = CfiTable(section: section, index: index, layout: .x86_64)
        var wrong = 0
        var largest = 0
        // From the last to the first, and then some again, whose entries have been given back.
        for number in (0..<Self.functionCount).reversed() + stride(from: 0, to: Self.functionCount, by: 1_001) {
            let start = text + UInt64(number) * 3
            let offsets = (0..<3).map { table.rule(at: start + $0) }
            if offsets != [8, 16, 8].map({ UnwindRule(.stackPointer, offset: $0) }) { wrong += 1 }
            largest = max(largest, section.filledByteCount)
        }
        #expect(wrong == 0)
        #expect(largest < 4_300_000)
        let outside = [table.rule(at: text + UInt64(Self.functionCount) * 3), table.rule(at: text - 1)]
        #expect(outside == [.none, .none])
        let description = table.description(at: text + 1)
        let offset = description.flatMap { table.row(at: text + 1, in: $0)?.cfa.value }
        #expect(offset == 16)
    }

    @Test func `the linker's index and one made by reading all entries say the same`() throws {
        let path = try #require(CfiRowTests.libc)
        let libc = try ElfImage(reading: try FileDescriptor(opening: path))
        let (section, header) = try #require(FrameSections.ehFrame(of: libc, limit: 1 << 28))
        let text = try #require(libc.section(named: ".text"))
        let table = try #require(header)
        let linkers = try #require(FdeIndex(header: table, section: section, base: 0))
        let own = FdeIndex(scanning: section, base: 0)
        #expect(linkers.count > 1_000)
        func entry(_ index: FdeIndex, _ address: UInt64) -> [Int]? {
            index.position(for: address).map { [Int(index.start(at: $0)), index.offset(at: $0) ?? -1] }
        }
        for address in stride(from: text.address.value - 64, to: text.address.value + text.size + 64, by: 5) {
            #expect(entry(linkers, address) == entry(own, address), "\(address)")
        }
    }

    @Test func `a linker's index that is not sorted is not used`() throws {
        var bytes: [UInt8] = [1, 0x1b, 0x03, 0x3b, 0, 0, 0, 0]
        func append(_ number: Int32) { withUnsafeBytes(of: number) { unsafe bytes.append(contentsOf: $0) } }
        append(130)
        for position in 0..<130 { [position == 128 ? 3 : Int32(position) * 16, 0].forEach(append) }
        let section = try #require(CfiSection(format: .ehFrame, bytes: [0, 0, 0, 0], address: 0, dataBase: 0x1000))
        let header = try #require(ElfPart(copying: bytes))
        let index = FdeIndex(header: header, section: section, base: 0)
        #expect(index == nil)
    }
}
