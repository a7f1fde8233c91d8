import CDemangle
import FuzzKit
import Glibc

import Primitives
@testable import Symbolizer

/// Our C++ demangler beside libstdc++'s: where both make a text of a name, it is the same.
func cxxTargets() -> [FuzzTarget] {
    let comparison = DemanglerComparison()
    let seeds = cxxNames.map { FuzzSeed($0) }
    return [
        FuzzTarget("cxx-names", seeds: seeds) { bytes in
            // Most bytes occur in no name, so that few mutations of one would be names.
            let letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
            let alphabet = Array(letters.utf8)
            comparison.check(
                [0x5f, 0x5a] + bytes.dropFirst(2).map { isLetter($0) ? $0 : alphabet[Int($0) % alphabet.count] })
        },
        FuzzTarget("cxx-grammar", seeds: [FuzzSeed("a name")]) { bytes in
            // FNV-1a: any other input is any other name.
            let state = bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
            var generator = CxxNameGenerator(SeededGenerator(seed: state))
            comparison.check(generator.name())
        },
    ]
}

private func isLetter(_ byte: UInt8) -> Bool {
    switch Unicode.Scalar(byte) {
    case "0"..."9", "A"..."Z", "a"..."z", "_", "$", ".": true
    default: false
    }
}

/// One demangler for all inputs, as workers use it.
private final class DemanglerComparison {
    private var demangler = CxxDemangler()

    func check(_ name: [UInt8]) {
        guard let text = try? demangler.demangle(name.span) else { return }
        var status: Int32 = 0
        let ending = name.map { CChar(bitPattern: $0) } + [0]
        guard let system = __cxa_demangle(ending, nil, nil, &status) else { return }
        defer { free(system) }
        let theirs = String(cString: system)
        if text != theirs {
            fatalError("\(String(decoding: name, as: UTF8.self)): \(text), not \(theirs)")
        }
    }
}

/// Names of all forms: those of the tests of the demangler.
private let cxxNames = [
    "_ZN3foo3bar3bazEi", "_ZNK3foo3barEv", "_ZNVK3foo3barEv", "_ZNKR3foo3barEv", "_ZNO3foo3barEv",
    "_ZN12_GLOBAL__N_13fooEv", "_ZN3foo12_GLOBAL__N_1L3barEv", "_ZZ4mainE1x", "_ZZ4mainE1x_0", "_ZZ4mainE1x__12_",
    "_ZZ4mainEs_1", "_ZZN3foo3barEiENK4Type3runEv", "_ZZ1fIiEvT_ENKUlvE_clEv", "_ZZN1fC1EvEd_N3bar3bazEv",
    "_ZZ1fiiEd0_NKUlvE_clEv", "_ZN4core3fmt1fIPFvvEEEvT_", "_ZN3fooC1Ev", "_ZN3fooC2ERKS_", "_ZN3fooD0Ev",
    "_ZN3fooD2Ev", "_ZN3barC1IiEET_", "_ZN3barIiEC1Ev", "_ZN3fooCI13barEi", "_ZNSsC1Ev", "_ZNSaIcED1Ev", "_ZNSoD0Ev",
    "_ZN3fooplERKS_", "_ZlsR3foo3bar", "_ZN3fooaSEOS_", "_ZN3fooclEv", "_ZN3fooixEm", "_ZN3foonwEm", "_ZN3foodaEPv",
    "_ZN3foossERKS_", "_Zli2_kmy", "_ZN3foolsIiEERS_T_", "_ZN3fooawEv", "_ZNK3foocvbEv", "_ZNK3foocvPKcEv",
    "_ZN3foocvT_IiEEv", "_ZNK1AcvPT_IcEEv", "_ZN3foocv3barIT_EIiEEv", "_ZNK3foocvPFviEEv", "_Z1fPKcPPvRiOi",
    "_Z1fPFivE", "_Z1fPFPFivEcE", "_Z1fRA3_i", "_Z1fPA3_A4_Ki", "_Z1fPKA3_i", "_Z1fA3_PFvvE", "_Z1fM3fooi",
    "_Z1fM3fooFivE", "_Z1fM3fooKFivE", "_Z1fMN3foo3barEKFvPS0_RKiE", "_Z1fPM3fooFPFvvES_E", "_Z1fIA4_cEvRKT_",
    "_Z1gIiEPFvT_ES0_", "_Z1gIiERA3_T_v", "_Z1fPFvvEPFvPS_E", "_Z1fPVKiPrS_", "_Z1fU8__vectorf", "_Z1fDv4_fDv2_d",
    "_Z1fCfCd", "_Z1fizz", "_Z1fPFvizE", "_Z1fPDoFvvE", "_Z1fIiEvPDOXntLb0EEFvT_E", "_Z1fPDwiEFvvE",
    "_Z1fPFvvREPFvvOE", "_Z1fM1AKFvvRE", "_Z1fu5weird", "_Z1fnoDnDiDsDuDhg", "_Z1fv", "_Z1fIvEvPT_",
    "_Z1fIJiPcEEvDpT_", "_Z1fIJEEvDpT_", "_Z1fIJicEEvDpRKT_", "_Z1fISt6vectorIiSaIiEEJEEvT_",
    "_Z1fIJSt6vectorIiSaIiEEEEvDpT_", "_ZN1AIJiEE1fIJcEEEvDpT_", "_Z1fIXadL_Z1gvEEEvv", "_Z1fIXadL_ZN1A1gEvEEEvv",
    "_Z1fIXadL_ZN1A1gEvEEJLi1ELin2EEEvv", "_Z1fILb1ELb0ELc97ELj3ELl4ELm5ELx6ELy7ELs8EEvv",
    "_Z1fILin3ELd3ff0000000000000EEvv", "_Z1fIL1E2EEvv", "_Z1fILDn0EEvv", "_Z1fIL_Z1gvEEvv",
    "_Z1fI3FooIiEEvNT_4typeE", "_Z1fITtTyE1AEvv", "_Z1fIiLi3EEvRAT0__T_", "_Z1fIiERT_OS0_", "_Z1fIRiEvOT_",
    "_Z1fIOiEvOT_", "_Z1fIOiEvRT_", "_Z1fIKiEvRKT_", "_Z1fI1ATS_EvT_IiE", "_Z1fIiEvT_T0_", "_ZZ4mainENKUlvE_clEv",
    "_ZZ4mainENKUlvE0_clEv", "_ZZ4mainENKUlT_E_clIiEEDaS_", "_ZZ4mainENKUlRKT_DpT0_E1_clIiJcEEEDaS1_S3_",
    "_ZZ4mainENKUlPFviEE_clES0_", "_Z1fIZ4mainEUlvE_EvT_", "_Z1fPZ4mainEUlPFvvEE_", "_ZZ4mainENUt_C1Ev",
    "_ZZ4mainEN3FooUt0_D1Ev", "_ZN3fooUt_E", "_ZNK3fooMUlvE_clEv", "_ZN3foo1xMUlvE_clEv", "_Z3fooB5cxx11v",
    "_ZN3foo3barB5cxx11B3abcEv", "_ZNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEE6appendEPKc",
    "_ZNSs6appendEPKc", "_ZSt4endlIcSt11char_traitsIcEERSt13basic_ostreamIT_T0_ES6_", "_Z1fSaIcESbIwE",
    "_Z1fSsSiSoSd", "_ZNSolsEi", "_ZNKSt3mapIiSsE4sizeEv", "_ZSt3maxIiERKT_S2_S2_", "_ZNSt3fooESaIiE",
    "_Z1fIiEDTcl1gfp_EET_", "_Z1fIiEDTplfp_fp0_ET_S0_", "_Z1fIiEDTcldtfp_3barEET_", "_Z1fIiEDTptfp_3barET_",
    "_Z1fIiEDTcmcvvcl1gfp_Ecvi_EET_", "_Z1fIiEDTscT_fp_ES0_", "_Z1fIiEDTixfp_Li0EES0_", "_Z1fIiEDTgtfp_Li0EEDpT_",
    "_Z1fIiEDTquLb1Efp_Li2EET_", "_Z1fIiEDTppfp_ET_", "_Z1fIiEDTpp_fp_ET_", "_Z1fIJicEEDTfrplfp_EDpT_",
    "_Z1fIJicEEDTflplfp_EDpT_", "_Z1fIJicEEDTfLpllifp_Li1EEDpT_", "_Z1fIJicEEvAsZT__i", "_Z1fIJicEEvAsPDpT_E_i",
    "_Z1fIiEvAstT__c", "_Z1fIiEvAszfp__c", "_Z1fIiEDTsr1AE1xET_", "_Z1fIiEDTsrT_1xES0_", "_Z1fIiEDTsrN1A1BE1xET_",
    "_Z1fIiEDTtlT_Li1EEES0_", "_Z1fIiEDTilLi1ELi2EEES0_", "_Z1fIiEDTgs1xET_", "_Z1fIJiEEDTcl1gspfp_EEDpT_",
    "_Z1fIiEDTonplfp_fp_ET_", "_Z1fIiEDTfpTET_", "_ZNDTfp_E1fEv", "_Z1fIXtlA2_iLi1ELi2EEEEvv", "_Z1fIiEvDTnttrE",
    "_ZTV3foo", "_ZTVN3foo3barIiEE", "_ZTT3foo", "_ZTI3foo", "_ZTIPFvvE", "_ZTS3foo", "_ZTC3foo8_3bar",
    "_ZThn16_N3foo3barEv", "_ZTv0_n24_N3foo3barEv", "_ZTch0_h16_N3foo3barEv", "_ZTcv0_n24_h16_N3foo3barEv",
    "_ZGVZ4mainE1x", "_ZGVN3foo1xE", "_ZGR3foo_", "_ZGRN3foo1xE0", "_ZTH1x", "_ZTWN3foo1xE",
    "_ZN3ctx4withIZN3mod2doIRN5layer1cEEEDcOT_EUlP3ctxE_EEDcS7_", "_Z1fIiEvRT_S1_", "_ZZ1fIiEvRT_ENKUlS1_E_clEi",
    "_ZN1A1fIZ1gIcEvRKT_EUlvE_EEvS3_S2_", "_ZN1A1fIZ1gIcEvRT_EUlvE_EEvS3_",
    "_ZStL1xIL1E2EL_ZThn16_2xyIRS0_mEOT0_T_T_NV1aC22xyEEEMS4_ISiEKA2_KA2_S_SoT_", "_ZN1A1fIRiEEvOT_PFvS2_E",
    "_Z1fMKFivE3fgoKFivE", "_Z1arMA3_PPii", "_ZNcvSbIA1_iE1xEPS1_", "_ZNcvSbIA1_iE1xEPS2_", "_ZNcvSbIA1_iE1xEPS3_",
    "_Z1fPFPFviEcEM1APKFvvE", "_Z1fIA2_KiEvPKT_RS2_", "_ZTIPFPA3_ivE",
]
