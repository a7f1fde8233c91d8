import Testing

@testable import ProfileFetch

@Suite struct SymbolizationModeTests {
    @Test("The words of -symbolize mean what they mean to pprof")
    func words() {
        #expect(SymbolizationMode("none").isOff)
        #expect(SymbolizationMode("Local:Force").isForced)
        #expect(!SymbolizationMode("remote").isLocal && SymbolizationMode("remote").isRemote)
        #expect(SymbolizationMode("").isLocal && SymbolizationMode("").isRemote)
        #expect(!SymbolizationMode("local").isRemote)
        #expect(SymbolizationMode("fastlocal").isLocal)
        #expect(SymbolizationMode("demangle=full").demangling == .full)
        #expect(SymbolizationMode("demangle=none").isForced)
        #expect(!SymbolizationMode("demangle=default").isForced)
        #expect(SymbolizationMode("").notices.isEmpty)
        #expect(SymbolizationMode("what").notices.first == "ignoring unrecognized symbolization option: what")
    }
}
