import FuzzKit
import Primitives

/// Makes C++ names that are well formed for the most part: mutations of names seldom are.
struct CxxNameGenerator {
    private var random: SeededGenerator
    private var text = "_Z"
    private var depth = 0
    private var hasArguments = false
    private let depthLimit: Int

    init(_ random: SeededGenerator) {
        self.random = random
        depthLimit = 3 + self.random.below(9)
    }

    mutating func name() -> [UInt8] {
        encoding()
        return Array(text.utf8)
    }

    /// A number below `count`; 0, which is what ends soonest, deep inside the name and in long ones.
    private mutating func choose(_ count: Int) -> Int {
        depth < depthLimit && text.utf8.count < 700 ? random.below(count) : 0
    }

    private mutating func add(_ texts: String...) {
        text += texts[choose(texts.count)]
    }

    private mutating func nest(_ body: (inout CxxNameGenerator) -> Void) {
        depth += 1
        body(&self)
        depth -= 1
    }

    private mutating func encoding() {
        nest { inner in
            switch inner.choose(16) {
            case 1:
                inner.add("TV", "TT", "TI", "TS")
                inner.type()
            case 2:
                inner.add("Thn16_", "Tv0_n24_", "Tch0_h8_")
                inner.encoding()
            case 3:
                inner.add("GV", "TH", "TW")
                inner.anyName()
            default:
                inner.anyName()
                for _ in 0...inner.choose(4) { inner.type() }
            }
        }
    }

    private mutating func anyName() {
        nest { inner in
            switch inner.choose(8) {
            case 0, 1: inner.unscopedName()
            case 2:
                inner.text += "Z"
                inner.encoding()
                inner.text += "E"
                if inner.choose(4) == 1 { inner.add("d_", "d0_") }
                inner.anyName()
                if inner.choose(4) == 1 { inner.add("_0", "__12_") }
            default: inner.nestedName()
            }
        }
    }

    private mutating func unscopedName() {
        add("", "", "St")
        unqualifiedName()
        if choose(3) == 1 { arguments() }
    }

    private mutating func nestedName() {
        text += "N"
        add("", "", "K", "V", "VK", "KR", "O", "rVK")
        if choose(3) == 1 { substitution() } else { unqualifiedName() }
        for _ in 0...choose(3) {
            if choose(3) == 1 { arguments() }
            unqualifiedName()
        }
        if choose(3) == 1 { arguments() }
        text += "E"
    }

    private mutating func unqualifiedName() {
        switch choose(12) {
        case 0, 1, 2: add("1a", "3foo", "5vectorB3tag", "12_GLOBAL__N_1", "1TB1xB1y")
        case 3: add("C1", "D0", "C2", "D2")
        case 4: add("pl", "cl", "nw", "ls", "lt", "ix", "da", "aS", "li2_x", "on1a")
        case 5:
            text += "cv"
            type()
        case 6:
            text += "Ul"
            for _ in 0...choose(2) { type() }
            text += "E"
            add("_", "0_", "11_")
        case 7: add("Ut_", "Ut0_")
        case 8: add("L1x", "L1x_0")
        default: add("1b", "2xy", "4type")
        }
    }

    private mutating func substitution() {
        add(
            "Sa", "S_", "S0_", "S1_", "S_", "S0_", "S1_", "S2_", "S3_", "S4_", "S5_", "S6_", "S8_", "SA_", "Ss", "Sa",
            "Sb", "Si", "So", "Sd")
    }

    private mutating func parameter() {
        // Without a template there is nothing that it stands for.
        if hasArguments { add("T_", "T0_", "T_", "T1_") } else { add("i", "P1D", "St1e") }
    }

    private mutating func arguments() {
        nest { inner in
            inner.text += "I"
            inner.hasArguments = true
            for _ in 0...inner.choose(3) { inner.argument() }
            inner.text += "E"
        }
    }

    private mutating func argument() {
        switch choose(8) {
        case 1:
            text += "J"
            for _ in 0..<choose(4) { argument() }
            text += "E"
        case 2: add("Lb1E", "Li5E", "Lin5E", "Lj7E", "Lm8E", "Lc97E", "Ld40E", "L1E2E", "LDnE", "LPFvvE0E")
        case 3:
            text += "X"
            expression()
            text += "E"
        case 4:
            text += "L_Z"
            encoding()
            text += "E"
        default: type()
        }
    }

    private mutating func type() {
        nest { inner in
            switch inner.choose(20) {
            case 0, 1: inner.add("i", "v", "c", "z", "d", "Dn", "Da", "x", "y", "m")
            case 2, 3:
                inner.add("P", "R", "O", "PK", "RK", "K", "V", "r", "C", "PP", "OK")
                inner.type()
            case 4:
                inner.add("A3_", "A_", "KA2_", "RA5_", "PA3_A2_", "PKA4_")
                inner.type()
            case 5:
                inner.add("F", "PF", "RF", "KF", "PKF", "PDoF", "PVF")
                for _ in 0...inner.choose(3) { inner.type() }
                inner.add("E", "E", "RE", "OE")
            case 6:
                inner.add("M1C", "PM1C", "KM1C")
                inner.type()
            case 7, 8, 9: inner.parameter()
            case 10, 11, 12: inner.substitution()
            case 13:
                inner.text += "Dp"
                inner.type()
            case 14:
                inner.text += "DT"
                inner.expression()
                inner.text += "E"
            case 15:
                inner.add("Dv4_", "U3ext", "M")
                inner.type()
            case 16:
                inner.parameter()
                inner.arguments()
            case 17:
                inner.substitution()
                inner.arguments()
            case 18:
                inner.add("A", "KA", "PA")
                inner.expression()
                inner.text += "_"
                inner.type()
            default: inner.anyName()
            }
        }
    }

    private mutating func expression() {
        nest { inner in
            switch inner.choose(18) {
            case 0, 1: inner.add("Li1E", "fp_", "fp0_", "fpT", "Lb0E", "1x")
            case 2: inner.parameter()
            case 3:
                inner.add("ng", "nt", "ad", "de", "pp", "mm_", "sz", "gs", "tw", "co")
                inner.expression()
            case 4:
                inner.add("pl", "mi", "gt", "lt", "cm", "ix", "aa", "eq", "rs")
                inner.expression()
                inner.expression()
            case 5:
                inner.add("cl", "il")
                for _ in 0...inner.choose(3) { inner.expression() }
                inner.text += "E"
            case 6:
                inner.add("dt", "pt")
                inner.expression()
                inner.unqualifiedName()
            case 7:
                inner.add("sc", "dc", "rc", "cc", "cv")
                inner.type()
                inner.expression()
            case 8:
                inner.text += "qu"
                for _ in 0..<3 { inner.expression() }
            case 9:
                inner.text += "st"
                inner.type()
            case 10:
                inner.text += "sZ"
                inner.parameter()
            case 11:
                inner.text += "sP"
                for _ in 0..<inner.choose(3) { inner.argument() }
                inner.text += "E"
            case 12:
                inner.text += "sp"
                inner.expression()
            case 13:
                inner.add("flpl", "frpl", "flaa")
                inner.expression()
            case 14:
                inner.add("fLpl", "fRoo")
                inner.expression()
                inner.expression()
            case 15:
                inner.text += "sr"
                inner.type()
                inner.unqualifiedName()
            case 16:
                inner.add("sr1AE", "srN1A1BE")
                inner.unqualifiedName()
            default:
                inner.text += "tl"
                inner.type()
                inner.expression()
                inner.text += "E"
            }
        }
    }
}
