import Primitives
import SymbolComparison
import Testing

@testable import Symbolizer

/// C++ names that nobody's compiler wrote.
@Suite struct CxxHostileNameTests {
    @Test(arguments: [
        // Forms that are left to the system's demangler: transaction clones, templates in unresolved names, named parameters
        // of lambdas and packs among them, modules, new expressions, tags of abbreviations, clones that we have no word for.
        "_ZGTtNKSt9exception4whatEv", "_ZN1fIiEEDTcl1gspclsr3stdE7forwardIT_Efp_EEES0_", "_ZN1AUlTyT_E_", "_ZGIW3foo",
        "_Z1fIiEDTnw_iEEv", "_Z1fv.123", "_Z1fDF16_", "_ZNSsB5cxx11C1Ev", "_Z1fIcEvZ1gIJiEEvvEUlDpT_E_",
    ])
    func `a name of a rare form is the system's demangler's`(name: String) {
        #expect(demangle(name, usingSystemDemanglers: false) == nil)
        #expect(demangle(name) == CxxComparison.systemText(name))
    }

    @Test(arguments: [
        "_Z", "_Z1", "_Z3fo", "_ZN", "_ZN1fE_", "_ZN1fv", "_ZNE", "_ZN1fI", "_ZN1fIiEi", "_Z1fS_", "_Z1fT_",
        "_Z1fIiEvT0_",
        "_Z1fIJEEvT_", "_Z99999999999f", "_Zn1f", "_ZC1v", "_ZND1Ev", "_Z1fA_", "_Z1fL", "_Z1fIL", "_Z1fILiE", "_ZTV",
        "_ZZ1fvE", "_ZN1AUl", "_Z1fFvv", "_Z1fDz", "_Z1fDv_i", "_Z1fU", "_ZGR1f_",
        "_Z1fIXE", "_Z1fIXplE", "_Z1fIX", "_ZNK", "_ZNSt", "_ZSt", "_ZStS_", "_Z1fSz", "_Z1fS99999999999999999999_",
        "_Z1fB",
    ])
    func `a name that breaks off or makes no sense has no readable form`(name: String) {
        #expect(demangle(name) == nil)
    }

    @Test(arguments: [
        "P", "K", "RK", "F", "A_", "M1A", "Dp", "DT", "N1AI", "Z1f", "XadL_Z1fI", "DTadX", "Ul", "cv", "I1AI",
    ])
    func `productions nested without end are refused, and by the system's demangler not tried`(piece: String) {
        for count in [100, 600, 20_000] {
            let repeated = String(repeating: piece, count: count)
            for name in ["_Z1f", "_Z1fI", "_ZN1f", "_Z1fIX", "_ZZ", "_ZN1fcv"].map({ $0 + repeated }) {
                _ = demangle(name + "i")
                _ = demangle(name + "i" + String(repeating: "E", count: count) + "v")
            }
        }
        // The system's demangler reads this one: that it is not asked shows.
        let pointers = "_Z1f" + String(repeating: "P", count: 510) + "i"
        #expect(CxxComparison.systemText(pointers) != nil)
        #expect(demangle(pointers) == nil)
    }

    /// `A<int, int>`, `A<S, S>` with that for `S`, and so on; `A` and the first of them are those substitutions.
    private static func doubling(_ count: Int, seed: String, template: Int, first: Int) -> String {
        func substitution(_ number: Int) -> String {
            number == 0 ? "S_" : "S" + String(number - 1, radix: 36, uppercase: true) + "_"
        }
        return (0..<count).reduce("1AI\(seed)\(seed)E") { name, number in
            let last = substitution(first + number)
            return name + substitution(template) + "I\(last)\(last)E"
        }
    }

    @Test func `a name that stands for gigabytes ends as none`() {
        let small = "_Z1f" + Self.doubling(5, seed: "i", template: 0, first: 1)
        #expect(CxxComparison.systemText(small)?.contains("A<A<A<int, int>, A<int, int> >,") == true)
        #expect(demangle(small, usingSystemDemanglers: false) == CxxComparison.systemText(small))
        #expect(demangle("_Z1f" + Self.doubling(34, seed: "i", template: 0, first: 1)) == nil)
        // The same with a parameter in it that stands for nothing, and for something: it is looked for in each.
        for arguments in ["JE", "Jic", "i"] {
            for (start, middle) in [("v", ""), ("vDpT_Dp", ""), ("vA", "sz")] {
                let offset = start.count > 2 ? 2 : 0
                func name(_ count: Int) -> String {
                    let types = Self.doubling(count, seed: "T_", template: 1 + offset, first: 4 + offset)
                    return "_Z1fI\(arguments)E\(start)\(middle)\(types)" + (middle.isEmpty ? "" : "_i")
                }
                #expect(demangle(name(3)) == CxxComparison.systemText(name(3)))
                #expect(demangle(name(30)) == nil)
            }
        }
    }

    @Test func `a parameter of a lambda that asks for the size of a pack reaches no demangler`() {
        // GCC 13's reads from address 0 here.
        #expect(demangle("_Z1fIJicEEvZ4mainEUlAsZT__iE_") == nil)
    }

    @Test func `a name that is longer than the system's demangler takes is readable all the same`() {
        let name = "_Z1f" + (0..<200).map { _ in "7variantIicE" }.joined()
        #expect(CxxComparison.systemText(name) == nil)
        #expect(
            demangle(name) == "f(" + Array(repeating: "variant<int, char>", count: 200).joined(separator: ", ") + ")")
    }

    @Test(arguments: [
        "_ZNSt6vectorIN3foo3BarIiLb1EEESaIS2_EE9push_backEOS2_", "_ZZN3foo3barIJicEEEvDpT_ENKUlRT_E0_clIiEEDaS3_",
        "_Z1fIiEDTcl1gfp_scT_Li1EEEPFvRA3_KS0_MS1_FivEE", "_ZTv0_n24_NK3fooIXadL_ZN1A1gEvEEEcvPT_IcEEv",
        "_ZSt8for_eachIPKSsZN12_GLOBAL__N_14mainEvEUlRKT_E_ET0_S5_S6_S8_",
    ])
    func `every prefix of a name and many mutations of it end, and are libstdc++'s where both have a text`(name: String)
    {
        let bytes = Array(name.utf8)
        var comparison = CxxComparison()
        for count in 2...bytes.count { comparison.add(String(decoding: bytes[..<count], as: UTF8.self)) }
        var random = SeededGenerator(seed: 11)
        for _ in 0..<2000 {
            var changed = bytes
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 2..<changed.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: changed[place] = bytes[Int.random(in: 2..<bytes.count, using: &random)]
                case 1: changed.insert(bytes[Int.random(in: 2..<bytes.count, using: &random)], at: place)
                default: changed[place] = UInt8.random(in: 0x30...0x7a, using: &random)
                }
            }
            comparison.add(String(decoding: changed, as: UTF8.self))
        }
        #expect(comparison.counts[.different] == nil, "\(comparison.examples)")
        #expect(comparison.counts[.equal] ?? 0 > 100)
    }
}
