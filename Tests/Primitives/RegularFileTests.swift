import Glibc
import Primitives
import Testing

@Suite struct RegularFileTests {
    private func open(_ path: String) throws(SystemError) -> [UInt8] {
        try FileDescriptor(openingRegularFile: path).readToEnd(limit: 4)
    }

    @Test func `a regular file is opened, also through a link`() throws {
        #expect(try open("/proc/self/exe") == [0x7f, 0x45, 0x4c, 0x46])
    }

    @Test(arguments: ["/dev/zero", "/", "/dev/ptmx"])
    func `what is no regular file is refused without being opened`(path: String) {
        do {
            _ = try open(path)
            Issue.record("opened")
        } catch {
            #expect(error.code == EINVAL)
        }
    }

    @Test(.timeLimit(.minutes(1))) func `a pipe without a writer is refused at once`() throws {
        var template = Array("/tmp/sprof-test-XXXXXX".utf8CString)
        _ = mkdtemp(&template)
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { rmdir(folder) }
        mkfifo(folder + "/pipe", 0o600)
        defer { unlink(folder + "/pipe") }
        #expect(throws: SystemError.self) { try open(folder + "/pipe") }
    }

    @Test func `a file that is missing says so`() {
        #expect(throws: SystemError(code: ENOENT, operation: "open /nonexistent")) { try open("/nonexistent") }
    }
}
