import Glibc
import Primitives
import Testing

@testable import Symbolizer

@Suite struct KernelSymbolsTests {
    static let list = """
        0000000000000000 A fixed_percpu_data
        ffffffff81000000 T srso_alias_untrain_ret
        ffffffff81000000 T _stext
        ffffffff81000000 T _text
        ffffffff81000100 t local
        ffffffff81000100 T global
        ffffffff81000200 W weak
        ffffffff81000280 D data
        ffffffff81000300 T _RNvC4main3foo
        ffffffff81000400 T _etext
        ffffffffc0000000 t ext4_read\t[ext4]
        ffffffffc0001000 t bpf_prog_6deef7357e7b4530_f\t[bpf]
        ffffffffa0000000 t early\t[zfs]

        """

    private func resolve(_ addresses: [UInt64], _ list: String = list) throws -> [KernelSymbol?] {
        let file = try TemporaryFile(list)
        return try KernelSymbols(resolving: addresses.map { Address($0) }, path: file.path).symbols
    }

    @Test func `each address has the nearest text symbol before it, with its module`() throws {
        let symbols = try resolve([
            0x10, 0xffff_ffff_8100_0010, 0xffff_ffff_8100_0100, 0xffff_ffff_8100_02ff, 0xffff_ffff_8100_0300,
            0xffff_ffff_8100_0500, 0xffff_ffff_a000_0001, 0xffff_ffff_c000_0fff, 0xffff_ffff_c000_1000, .max,
        ])
        #expect(
            symbols.map { $0?.linkageName } == [
                nil, "srso_alias_untrain_ret", "global", "weak", "_RNvC4main3foo", nil, "early", "ext4_read",
                "bpf_prog_6deef7357e7b4530_f", "bpf_prog_6deef7357e7b4530_f",
            ])
        #expect(symbols[7]?.module == "[ext4]")
        #expect(symbols[8]?.module == "[bpf]")
        #expect(symbols[4]?.displayName == "main::foo")
        #expect(symbols[3]?.start == Address(0xffff_ffff_8100_0200))
    }

    @Test func `a list of zeros says that addresses are hidden and what to do`() {
        let hidden = "0000000000000000 T _stext\n0000000000000000 T foo\n"
        #expect(throws: KernelSymbolsFailure.addressesHidden) { try resolve([1], hidden) }
        #expect(KernelSymbolsFailure.addressesHidden.description.contains("sudo sysctl kernel.kptr_restrict=0"))
    }

    @Test func `a list that is not there is reported`() {
        #expect(throws: KernelSymbolsFailure.unreadable(SystemError(code: ENOENT, operation: "open /nonexistent"))) {
            try KernelSymbols(resolving: [], path: "/nonexistent")
        }
    }

    @Test func `cut and changed lists give some answer`() throws {
        let bytes = Array(Self.list.utf8)
        var random = SeededGenerator(seed: 3)
        for round in 0..<300 {
            var changed = Array(bytes[..<Int.random(in: 0...bytes.count, using: &random)])
            for _ in 0..<(changed.isEmpty ? 0 : round % 8) {
                changed[Int.random(in: changed.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            var search = KernelSymbolSearch([Address(0xffff_ffff_8100_0010), Address(.max)])
            for line in changed.split(separator: UInt8(ascii: "\n")) { search.add(Array(line).span) }
            #expect(search.finish().count == 2)
        }
    }

    @Test func `the layout has the kernel's text and the modules with their builds`() throws {
        let symbols = try TemporaryFile(Self.list)
        let modules = try TemporaryFile(
            """
            ext4 1048576 2 - Live 0xffffffffc0000000
            zfs 4096 0 - Live 0xffffffffa0000000 (POE)
            hidden 4096 0 - Live 0x0000000000000000
            nonsense
            over 18446744073709551615 0 - Live 0xffffffffffffffff

            """)
        let text = try KernelSymbols(resolving: [], path: symbols.path).text
        let layout = KernelLayout(
            text: text, modulesPath: modules.path, notesPath: "/nonexistent",
            moduleFolder: "/nonexistent")
        let kernel = Address(0xffff_ffff_8100_0000)..<Address(0xffff_ffff_8100_0400)
        #expect(layout.kernel == KernelLayout.Region(name: "[kernel.kallsyms]", range: kernel, buildID: nil))
        #expect(layout.modules.map(\.name) == ["[zfs]", "[ext4]"])
        #expect(layout.region(of: Address(0xffff_ffff_c000_0fff))?.name == "[ext4]")
        #expect(layout.region(of: Address(0xffff_ffff_8100_0000))?.name == "[kernel.kallsyms]")
        #expect(layout.region(of: Address(0xffff_ffff_8100_0400)) == nil)
    }

    @Test func `the kernel's text is known only where its two marks are there in order`() throws {
        let start = "ffffffff81000000 T _stext\n"
        let end = "ffffffff81000400 T _etext\n"
        let cases = [
            (start + end, true), (end + start, true), (start, false), (end, false),
            ("ffffffff81000000 T a_stext\n" + end, false), (start + "ffffffff81000400 T _etext\t[module]\n", false),
            (start + "ffffffff80000000 T _etext\n", false),
        ]
        for (list, isKnown) in cases {
            let file = try TemporaryFile(list)
            #expect((try KernelSymbols(resolving: [], path: file.path).text != nil) == isKnown, "\(list)")
        }
    }

    @Test func `the build ID is found behind other notes and broken notes have none`() {
        let other: [UInt8] = [6, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0] + Array("Linux\0".utf8) + [0, 0, 9, 0, 0, 0]
        let note: [UInt8] = [4, 0, 0, 0, 3, 0, 0, 0, 3, 0, 0, 0] + Array("GNU\0".utf8) + [1, 2, 3]
        #expect(buildID(inNotes: other + note) == BuildID([1, 2, 3]))
        for count in 0..<(other + note).count { #expect(buildID(inNotes: Array((other + note)[..<count])) == nil) }
        #expect(buildID(inNotes: [UInt8](repeating: 0xff, count: 64)) == nil)
    }
}
