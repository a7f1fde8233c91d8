import Glibc
import Primitives
import Testing

@testable import Symbolizer

/// Sets variables of the environment, which no other test may read meanwhile: hence the one test.
@Suite struct DebuginfodTests {
    private static let isInstalled = dlopen("libdebuginfod.so.1", RTLD_NOW) != nil

    @Test(
        "A server that never answers is given up within the budget",
        .enabled(if: isInstalled, "needs libdebuginfod.so.1"), .timeLimit(.minutes(1)))
    func silentServer() throws {
        let listener = FileDescriptor(owning: socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                guard bind(listener.raw, generic, length) == 0, listen(listener.raw, 8) == 0,
                    getsockname(listener.raw, generic, &length) == 0
                else { return UInt16(0) }
                return UInt16(bigEndian: pointer.pointee.sin_port)
            }
        }
        try #require(port != 0)
        let cache = TemporaryFolder()
        setenv("DEBUGINFOD_URLS", "http://127.0.0.1:\(port)", 1)
        setenv("DEBUGINFOD_CACHE_PATH", cache.path, 1)
        defer { for name in ["URLS", "CACHE_PATH", "TIMEOUT", "MAXTIME"] { unsetenv("DEBUGINFOD_" + name) } }
        let client = Debuginfod(budgetSeconds: 2)
        let id = try #require(BuildID([UInt8](repeating: 0xa5, count: 20)))
        let start = ContinuousClock.now
        // The second finds the budget spent.
        for _ in 0..<2 {
            guard case .failure(let message) = client.find(id) else {
                Issue.record("a file from nowhere")
                return
            }
            #expect(message == "given up after 2 s, the limit for one file")
        }
        #expect(start.duration(to: .now) < .seconds(5))
    }
}
