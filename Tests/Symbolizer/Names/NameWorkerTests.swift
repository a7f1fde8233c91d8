import Testing

@testable import Symbolizer

@Suite(.enabled(if: SprofBinary.path != nil, Comment(rawValue: SprofBinary.reason)))
struct NameWorkerTests {
    private let worker: String

    init() throws { worker = try #require(SprofBinary.path) }

    @Test("Mangled names become readable, in one process for all")
    func names() {
        let readable = NameWorker.readableNames(
            of: ["_ZN3foo3barEi", "plain", "_Z", "_RNvCs1234_7mycrate3foo", "_ZN3foo\nbar", ""],
            workerExecutable: worker)
        #expect(readable == ["_ZN3foo3barEi": "foo::bar(int)", "_RNvCs1234_7mycrate3foo": "mycrate::foo"])
    }

    @Test("Names that need no process get none")
    func noProcess() {
        #expect(NameWorker.readableNames(of: ["main", "f<int>"], workerExecutable: "/nonexistent") == [:])
    }

    @Test("A name that ends the process costs its own form only")
    func crash() throws {
        // A worker that answers with the name itself, and ends at one of them.
        let folder = TemporaryDirectory()
        PprofOracle.shell(
            "printf '#!/bin/sh\\nwhile read -r n; do [ \"$n\" = _Zbad ] && kill -SEGV $$; echo \"<$n>\"; done\\n' >'\(folder.path)/w'; chmod +x '\(folder.path)/w'"
        )
        let readable = NameWorker.readableNames(
            of: ["_Za", "_Zbad", "_Zb", "_Zbad", "_Zc"], workerExecutable: folder.path + "/w")
        #expect(readable == ["_Za": "<_Za>", "_Zb": "<_Zb>", "_Zc": "<_Zc>"])
    }

    @Test("A program that is none costs all forms, and nothing else")
    func noWorker() {
        #expect(NameWorker.readableNames(of: ["_ZN3foo3barEi"], workerExecutable: "/nonexistent") == [:])
        #expect(NameWorker.readableNames(of: ["_ZN3foo3barEi"], workerExecutable: "/bin/true") == [:])
    }
}
