import SymbolComparison
import Testing

@testable import Symbolizer

/// Our C++ demangler, name by name; libstdc++'s has to say the same of each. DemanglerOracleTests has
/// those of real programs.
@Suite struct CxxDemanglerTests {
    private func check(_ name: String, _ readable: String) {
        #expect(demangle(name, usingSystemDemanglers: false) == readable)
        #expect(CxxComparison.systemText(name) == readable)
    }

    @Test(arguments: [
        ("_ZN3foo3bar3bazEi", "foo::bar::baz(int)"),
        ("_ZNK3foo3barEv", "foo::bar() const"),
        ("_ZNVK3foo3barEv", "foo::bar() const volatile"),
        ("_ZNKR3foo3barEv", "foo::bar() const &"),
        ("_ZNO3foo3barEv", "foo::bar() &&"),
        ("_ZN12_GLOBAL__N_13fooEv", "(anonymous namespace)::foo()"),
        ("_ZN3foo12_GLOBAL__N_1L3barEv", "foo::(anonymous namespace)::bar()"),
        ("_ZZ4mainE1x", "main::x"),
        ("_ZZ4mainE1x_0", "main::x"),
        ("_ZZ4mainE1x__12_", "main::x"),
        ("_ZZ4mainEs_1", "main::string literal"),
        ("_ZZN3foo3barEiENK4Type3runEv", "foo::bar(int)::Type::run() const"),
        ("_ZZ1fIiEvT_ENKUlvE_clEv", "f<int>(int)::{lambda()#1}::operator()() const"),
        ("_ZZN1fC1EvEd_N3bar3bazEv", "f::f()::{default arg#1}::bar::baz()"),
        ("_ZZ1fiiEd0_NKUlvE_clEv", "f(int, int)::{default arg#2}::{lambda()#1}::operator()() const"),
        ("_ZN4core3fmt1fIPFvvEEEvT_", "void core::fmt::f<void (*)()>(void (*)())"),
    ])
    func `names in scopes and in functions`(name: String, readable: String) {
        check(name, readable)
    }

    @Test(arguments: [
        ("_ZN3fooC1Ev", "foo::foo()"),
        ("_ZN3fooC2ERKS_", "foo::foo(foo const&)"),
        ("_ZN3fooD0Ev", "foo::~foo()"),
        ("_ZN3fooD2Ev", "foo::~foo()"),
        ("_ZN3barC1IiEET_", "bar::bar<int>(int)"),
        ("_ZN3barIiEC1Ev", "bar<int>::bar()"),
        ("_ZN3fooCI13barEi", "foo::bar(int)"),
        ("_ZNSsC1Ev", "std::basic_string<char, std::char_traits<char>, std::allocator<char> >::basic_string()"),
        ("_ZNSaIcED1Ev", "std::allocator<char>::~allocator()"),
        ("_ZNSoD0Ev", "std::basic_ostream<char, std::char_traits<char> >::~basic_ostream()"),
    ])
    func `constructors and destructors are called as their class`(name: String, readable: String) {
        check(name, readable)
    }

    @Test(arguments: [
        ("_ZN3fooplERKS_", "foo::operator+(foo const&)"),
        ("_ZlsR3foo3bar", "operator<<(foo&, bar)"),
        ("_ZN3fooaSEOS_", "foo::operator=(foo&&)"),
        ("_ZN3fooclEv", "foo::operator()()"),
        ("_ZN3fooixEm", "foo::operator[](unsigned long)"),
        ("_ZN3foonwEm", "foo::operator new(unsigned long)"),
        ("_ZN3foodaEPv", "foo::operator delete[](void*)"),
        ("_ZN3foossERKS_", "foo::operator<=>(foo const&)"),
        ("_Zli2_kmy", "operator\"\" _k(unsigned long, unsigned long long)"),
        ("_ZN3foolsIiEERS_T_", "foo& foo::operator<< <int>(int)"),
        ("_ZN3fooawEv", "foo::operator co_await()"),
    ])
    func `operators`(name: String, readable: String) {
        check(name, readable)
    }

    @Test(arguments: [
        ("_ZNK3foocvbEv", "foo::operator bool() const"),
        ("_ZNK3foocvPKcEv", "foo::operator char const*() const"),
        ("_ZN3foocvT_IiEEv", "foo::operator int<int>()"),
        ("_ZNK1AcvPT_IcEEv", "A::operator char*<char>() const"),
        ("_ZNK3foocvPFviEEv", "foo::operator void (*)(int)() const"),
    ])
    func `conversion operators, of templates too`(name: String, readable: String) {
        check(name, readable)
    }

    @Test(arguments: [
        ("_Z1fPKcPPvRiOi", "f(char const*, void**, int&, int&&)"),
        ("_Z1fPFivE", "f(int (*)())"),
        ("_Z1fPFPFivEcE", "f(int (*(*)(char))())"),
        ("_Z1fRA3_i", "f(int (&) [3])"),
        ("_Z1fPA3_A4_Ki", "f(int const (*) [3][4])"),
        ("_Z1fPKA3_i", "f(int const (*) [3])"),
        ("_Z1fA3_PFvvE", "f(void (* [3])())"),
        ("_Z1fM3fooi", "f(int foo::*)"),
        ("_Z1fM3fooFivE", "f(int (foo::*)())"),
        ("_Z1fM3fooKFivE", "f(int (foo::*)() const)"),
        ("_Z1fMN3foo3barEKFvPS0_RKiE", "f(void (foo::bar::*)(foo::bar*, int const&) const)"),
        ("_Z1fPM3fooFPFvvES_E", "f(void (* (foo::**)(foo))())"),
        ("_Z1fIA4_cEvRKT_", "void f<char [4]>(char const (&) [4])"),
        ("_Z1gIiEPFvT_ES0_", "void (*g<int>(int))(int)"),
        ("_Z1gIiERA3_T_v", "int (&g<int>()) [3]"),
        ("_Z1fPFvvEPFvPS_E", "f(void (*)(), void (*)(void (*)()))"),
        ("_Z1fPVKiPrS_", "f(int const volatile*, int const volatile restrict*)"),
        ("_Z1fU8__vectorf", "f(float __vector)"),
        ("_Z1fDv4_fDv2_d", "f(float __vector(4), double __vector(2))"),
        ("_Z1fCfCd", "f(float _Complex, double _Complex)"),
        ("_Z1fizz", "f(int, ..., ...)"),
        ("_Z1fPFvizE", "f(void (*)(int, ...))"),
        ("_Z1fPDoFvvE", "f(void (*)() noexcept)"),
        ("_Z1fPDwiEFvvE", "f(void (*)() throw(int))"),
        ("_Z1fPFvvREPFvvOE", "f(void (*)() &, void (*)() &&)"),
        ("_Z1fM1AKFvvRE", "f(void (A::*)() const &)"),
        ("_Z1fu5weird", "f(weird)"),
        (
            "_Z1fnoDnDiDsDuDhg",
            "f(__int128, unsigned __int128, decltype(nullptr), char32_t, char16_t, char8_t, half, __float128)"
        ),
        ("_Z1fv", "f()"),
        ("_Z1fIvEvPT_", "void f<void>(void*)"),
    ])
    func `types are written around what they declare`(name: String, readable: String) {
        check(name, readable)
    }

    @Test(arguments: [
        ("_Z1fIJiPcEEvDpT_", "void f<int, char*>(int, char*)"),
        ("_Z1fIJEEvDpT_", "void f<>()"),
        ("_Z1fIJicEEvDpRKT_", "void f<int, char>(int const&, char const&)"),
        (
            "_Z1fISt6vectorIiSaIiEEJEEvT_",
            "void f<std::vector<int, std::allocator<int> >>(std::vector<int, std::allocator<int> >)"
        ),
        (
            "_Z1fIJSt6vectorIiSaIiEEEEvDpT_",
            "void f<std::vector<int, std::allocator<int> > >(std::vector<int, std::allocator<int> >)"
        ),
        ("_ZN1AIJiEE1fIJcEEEvDpT_", "void A<int>::f<char>(char)"),
        ("_Z1fIXadL_Z1gvEEEvv", "void f<&(g())>()"),
        ("_Z1fIXadL_ZN1A1gEvEEEvv", "void f<&A::g>()"),
        ("_Z1fIXadL_ZN1A1gEvEEJLi1ELin2EEEvv", "void f<&A::g, 1, -2>()"),
        (
            "_Z1fILb1ELb0ELc97ELj3ELl4ELm5ELx6ELy7ELs8EEvv",
            "void f<true, false, (char)97, 3u, 4l, 5ul, 6ll, 7ull, (short)8>()"
        ),
        ("_Z1fILin3ELd3ff0000000000000EEvv", "void f<-3, (double)[3ff0000000000000]>()"),
        ("_Z1fIL1E2EEvv", "void f<(E)2>()"),
        ("_Z1fILDn0EEvv", "void f<(decltype(nullptr))0>()"),
        ("_Z1fIL_Z1gvEEvv", "void f<g()>()"),
        ("_Z1fI3FooIiEEvNT_4typeE", "void f<Foo<int> >(Foo<int>::type)"),
        ("_Z1fIiLi3EEvRAT0__T_", "void f<int, 3>(int (&) [3])"),
        ("_Z1fIiERT_OS0_", "int& f<int>(int&&)"),
        ("_Z1fIRiEvOT_", "void f<int&>(int&)"),
        ("_Z1fIOiEvOT_", "void f<int&&>(int&&)"),
        ("_Z1fIOiEvRT_", "void f<int&&>(int&)"),
        ("_Z1fIKiEvRKT_", "void f<int const>(int const&)"),
    ])
    func `arguments of templates, and packs of them`(name: String, readable: String) {
        check(name, readable)
    }

    @Test(arguments: [
        ("_ZZ4mainENKUlvE_clEv", "main::{lambda()#1}::operator()() const"),
        ("_ZZ4mainENKUlvE0_clEv", "main::{lambda()#2}::operator()() const"),
        ("_ZZ4mainENKUlT_E_clIiEEDaS_", "auto main::{lambda(auto:1)#1}::operator()<int>(int) const"),
        ("_ZZ4mainENKUlPFviEE_clES0_", "main::{lambda(void (*)(int))#1}::operator()(void (*)(int)) const"),
        ("_Z1fIZ4mainEUlvE_EvT_", "void f<main::{lambda()#1}>(main::{lambda()#1})"),
        ("_Z1fPZ4mainEUlPFvvEE_", "f(main::{lambda(void (**)())#1})"),
        ("_ZZ4mainENUt_C1Ev", "main::{unnamed type#1}::main()"),
        ("_ZZ4mainEN3FooUt0_D1Ev", "main::Foo::{unnamed type#2}::~Foo()"),
        ("_ZN3fooUt_E", "foo::{unnamed type#1}"),
        ("_ZNK3fooMUlvE_clEv", "foo::{lambda()#1}::operator()() const"),
        ("_ZN3foo1xMUlvE_clEv", "foo::x::{lambda()#1}::operator()()"),
    ])
    func `lambdas and unnamed types have numbers`(name: String, readable: String) {
        check(name, readable)
    }

    @Test(arguments: [
        ("_Z3fooB5cxx11v", "foo[abi:cxx11]()"),
        ("_ZN3foo3barB5cxx11B3abcEv", "foo::bar[abi:cxx11][abi:abc]()"),
        (
            "_ZNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEE6appendEPKc",
            "std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >::append(char const*)"
        ),
        ("_ZNSs6appendEPKc", "std::string::append(char const*)"),
        (
            "_ZSt4endlIcSt11char_traitsIcEERSt13basic_ostreamIT_T0_ES6_",
            "std::basic_ostream<char, std::char_traits<char> >& std::endl<char, std::char_traits<char> "
                + ">(std::basic_ostream<char, std::char_traits<char> >&)"
        ),
        ("_Z1fSaIcESbIwE", "f(std::allocator<char>, std::basic_string<wchar_t>)"),
        ("_Z1fSsSiSoSd", "f(std::string, std::istream, std::ostream, std::iostream)"),
        ("_ZNSolsEi", "std::ostream::operator<<(int)"),
        ("_ZNKSt3mapIiSsE4sizeEv", "std::map<int, std::string>::size() const"),
        ("_ZSt3maxIiERKT_S2_S2_", "int const& std::max<int>(int const&, int const&)"),
        ("_ZNSt3fooESaIiE", "std::foo(std::allocator<int>)"),
    ])
    func `ABI tags, and abbreviations of the library's names`(name: String, readable: String) {
        check(name, readable)
    }

    @Test(arguments: [
        ("_Z1fIiEDTcl1gfp_EET_", "decltype (g({parm#1})) f<int>(int)"),
        ("_Z1fIiEDTplfp_fp0_ET_S0_", "decltype ({parm#1}+{parm#2}) f<int>(int, decltype ({parm#1}+{parm#2}))"),
        ("_Z1fIiEDTcldtfp_3barEET_", "decltype (({parm#1}.bar)()) f<int>(int)"),
        ("_Z1fIiEDTptfp_3barET_", "decltype ({parm#1}->bar) f<int>(int)"),
        ("_Z1fIiEDTcmcvvcl1gfp_Ecvi_EET_", "decltype (((void)(g({parm#1}))),((int)())) f<int>(int)"),
        ("_Z1fIiEDTscT_fp_ES0_", "decltype (static_cast<int>({parm#1})) f<int>(int)"),
        ("_Z1fIiEDTixfp_Li0EES0_", "decltype ({parm#1}[0]) f<int>(decltype ({parm#1}[0]))"),
        ("_Z1fIiEDTgtfp_Li0EEDpT_", "decltype (({parm#1}>(0))) f<int>((int)...)"),
        ("_Z1fIiEDTquLb1Efp_Li2EET_", "decltype ((true)?{parm#1} : (2)) f<int>(int)"),
        ("_Z1fIiEDTppfp_ET_", "decltype ({parm#1}++) f<int>(int)"),
        ("_Z1fIiEDTpp_fp_ET_", "decltype (++{parm#1}) f<int>(int)"),
        ("_Z1fIJicEEDTfrplfp_EDpT_", "decltype (({parm#1}+...)) f<int, char>(int, char)"),
        ("_Z1fIJicEEDTflplfp_EDpT_", "decltype ((...+{parm#1})) f<int, char>(int, char)"),
        ("_Z1fIJicEEDTfLpllifp_Li1EEDpT_", "decltype (((operator\"\" {parm#1})+...+(1))) f<int, char>(int, char)"),
        ("_Z1fIJicEEvAsZT__i", "void f<int, char>(int [2])"),
        ("_Z1fIJicEEvAsPDpT_E_i", "void f<int, char>(int [2])"),
        ("_Z1fIiEvAstT__c", "void f<int>(char [sizeof (int)])"),
        ("_Z1fIiEvAszfp__c", "void f<int>(char [sizeof {parm#1}])"),
        ("_Z1fIiEDTsr1AE1xET_", "decltype (A::x) f<int>(int)"),
        ("_Z1fIiEDTsrT_1xES0_", "decltype (int::x) f<int>(int)"),
        ("_Z1fIiEDTsrN1A1BE1xET_", "decltype (A::B::x) f<int>(int)"),
        ("_Z1fIiEDTtlT_Li1EEES0_", "decltype (int{1}) f<int>(int)"),
        ("_Z1fIiEDTilLi1ELi2EEES0_", "decltype ({1, 2}) f<int>(decltype ({1, 2}))"),
        ("_Z1fIiEDTgs1xET_", "decltype (::x) f<int>(int)"),
        ("_Z1fIJiEEDTcl1gspfp_EEDpT_", "decltype (g({parm#1}...)) f<int>(int)"),
        ("_Z1fIiEDTfpTET_", "decltype (this) f<int>(int)"),
        ("_ZNDTfp_E1fEv", "decltype ({parm#1})::f()"),
        ("_Z1fIXtlA2_iLi1ELi2EEEEvv", "void f<int [2]{1, 2}>()"),
        ("_Z1fIiEvDTnttrE", "void f<int>(decltype (!(throw)))"),
    ])
    func `expressions that depend on arguments`(name: String, readable: String) {
        check(name, readable)
    }

    @Test(arguments: [
        ("_ZTV3foo", "vtable for foo"),
        ("_ZTVN3foo3barIiEE", "vtable for foo::bar<int>"),
        ("_ZTT3foo", "VTT for foo"),
        ("_ZTI3foo", "typeinfo for foo"),
        ("_ZTIPFvvE", "typeinfo for void (*)()"),
        ("_ZTS3foo", "typeinfo name for foo"),
        ("_ZTC3foo8_3bar", "construction vtable for bar-in-foo"),
        ("_ZThn16_N3foo3barEv", "non-virtual thunk to foo::bar()"),
        ("_ZTv0_n24_N3foo3barEv", "virtual thunk to foo::bar()"),
        ("_ZTch0_h16_N3foo3barEv", "covariant return thunk to foo::bar()"),
        ("_ZTcv0_n24_h16_N3foo3barEv", "covariant return thunk to foo::bar()"),
        ("_ZGVZ4mainE1x", "guard variable for main::x"),
        ("_ZGVN3foo1xE", "guard variable for foo::x"),
        ("_ZGRN3foo1xE0", "reference temporary #0 for foo::x"),
        ("_ZTH1x", "TLS init function for x"),
        ("_ZTWN3foo1xE", "TLS wrapper function for foo::x"),
    ])
    func `what compilers make beside functions`(name: String, readable: String) {
        check(name, readable)
    }

    @Test(arguments: [
        (
            "_ZN3ctx4withIZN3mod2doIRN5layer1cEEEDcOT_EUlP3ctxE_EEDcS7_",
            "decltype(auto) ctx::with<mod::do<layer::c&>(layer::c&)::{lambda(ctx*)#1}>(layer::c&)"
        ),
        ("_Z1fIiEvRT_S1_", "void f<int>(int&, int&)"),
        ("_ZZ1fIiEvRT_ENKUlS1_E_clEi", "f<int>(int&)::{lambda(auto:1&)#1}::operator()(int) const"),
        (
            "_ZN1A1fIZ1gIcEvRKT_EUlvE_EEvS3_S2_",
            "void A::f<g<char>(char const&)::{lambda()#1}>(g<char>(char const&)::{lambda()#1} const, "
                + "g<char>(char const&)::{lambda()#1})"
        ),
        ("_ZN1A1fIZ1gIcEvRT_EUlvE_EEvS3_", "void A::f<g<char>(char&)::{lambda()#1}>(char&)"),
        (
            "_ZStL1xIL1E2EL_ZThn16_2xyIRS0_mEOT0_T_T_NV1aC22xyEEEMS4_ISiEKA2_KA2_S_SoT_",
            "std::x const (non-virtual thunk to unsigned long&& xy<E&, unsigned long>(E&, E&, a::a::xy "
                + "volatile)&&<std::istream>::*std::x<(E)2, non-virtual thunk to non-virtual thunk to unsigned "
                + "long&& xy<E&, unsigned long>(E&, E&, a::a::xy volatile)&& xy<E&, unsigned long>(E&, E&, "
                + "a::a::xy volatile)>(std::ostream, (E)2)) [2][2]"
        ),
        ("_ZN1A1fIRiEEvOT_PFvS2_E", "void A::f<int&>(int&, void (*)(int&))"),
    ])
    func `a reference to a parameter that is met again is what it was`(name: String, readable: String) {
        check(name, readable)
    }

    @Test(arguments: [
        ("_Z1fMKFivE3fgoKFivE", "f(fgo int (int () const::*)() const::*, int () const)"),
        ("_Z1arMA3_PPii", "a(int int** (int** ( restrict) [3]::*) [3]::*)"),
        ("_ZNcvSbIA1_iE1xEPS1_", "operator std::basic_string<int [1]>::x(operator std::basic_string<int (*) [1]>)"),
        ("_Z1fPFPFviEcEM1APKFvvE", "f(void (*(*)(char))(int), void (* A::*)() const)"),
        ("_Z1fIA2_KiEvPKT_RS2_", "void f<int const [2]>(int const (*) [2], int const (&) [2])"),
        ("_ZTIPFPA3_ivE", "typeinfo for int (*(*)()) [3]"),
    ])
    func `types inside of the declarators of others`(name: String, readable: String) {
        check(name, readable)
    }
}
