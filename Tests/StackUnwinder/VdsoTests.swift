import ELF
import Primitives
import Testing

@testable import StackUnwinder

@Suite struct VdsoTests {
    @Test func `the vDSO is read from memory and its functions have rules`() throws {
        let image = try #require(MapsText.vdso())
        #expect(image.buildID != nil)
        let text = try #require(image.section(named: ".text"))
        let module = UnwindModule(image, displayName: "[vdso]")
        var covered = 0
        for address in stride(from: text.address.value, to: text.address.value + text.size, by: 16)
        where module.tableRule(at: address) != .none {
            covered += 1
        }
        #expect(covered > 20)
    }
}
