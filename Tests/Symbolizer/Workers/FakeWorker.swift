import Glibc
import Primitives
import Testing

@testable import Symbolizer

/// A worker program of a test, in Python: what it does over a file is in the file's path, so that each test says it in its requests.
///
/// `good`: one frame for each address. `kill`, `stop`, `garbage`, `short`, `refuse`, `exit`: what the word says, unless the request asks for the
/// symbol table alone. The same with `always-` in front: then, too. `name`: as `kill`, while the request allows demanglers that are not ours.
enum FakeWorker {
    static var isAvailable: Bool { python != nil }

    /// The interpreter itself: what PATH has may be a slow script that looks for it.
    static let python: String? = {
        guard let output = popen("python3 -c 'import sys; print(sys.executable)' 2>/dev/null", "r") else { return nil }
        defer { pclose(output) }
        var line = [CChar](repeating: 0, count: 1024)
        guard fgets(&line, 1024, output) != nil else { return nil }
        let path = String(decoding: line.prefix { $0 > 0x20 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return path.hasPrefix("/") ? path : nil
    }()

    static let source = #"""
        import os, signal, socket, struct, sys
        assert sys.argv[1] == "symbolize-worker"
        s = socket.socket(fileno=3)
        def take(count, descriptors):
            data = b""
            while len(data) < count:
                part, fds, _, _ = socket.recv_fds(s, count - len(data), 1)
                descriptors += fds
                if not part: sys.exit(0)
                data += part
            return data
        def blob(b): return struct.pack("<I", len(b)) + b
        while True:
            fds = []
            (length,) = struct.unpack("<I", take(4, fds))
            data = take(length, fds)
            flags = data[0]
            at = 6
            parts = []
            for _ in range(4):
                (n,) = struct.unpack_from("<I", data, at)
                parts.append(data[at + 4:at + 4 + n])
                at += 4 + n
            (count,) = struct.unpack_from("<I", data, at)
            addresses = struct.unpack_from("<%dQ" % count, data, at + 4)
            word = parts[0].decode().rsplit("/", 1)[-1]
            always = word.startswith("always-")
            word = word[7:] if always else word
            if data[1] == 2 and not always or data[1] == 1 and word == "name": word = "good"
            if word in ("kill", "name"): os.kill(os.getpid(), signal.SIGSEGV)
            if word == "exit": os._exit(7)
            if word == "stop": os.kill(os.getpid(), signal.SIGSTOP)
            if word == "garbage":
                s.sendall(blob(b"\x01" + b"\xff" * 64)); continue
            if word == "short":
                s.sendall(blob(b"\x01" + blob(b"")[:2])); continue
            if word == "huge":
                s.sendall(struct.pack("<I", 0xfffffff0)); continue
            if word == "refuse":
                s.sendall(blob(b"\x00" + blob(b"no ELF file"))); continue
            first = os.pread(fds[0], 16, 0) if fds else b"none"
            for fd in fds: os.close(fd)
            names = [b""] + [b"f%x" % a for a in addresses]
            body = b"\x01" + struct.pack("<I", len(names)) + b"".join(blob(n) for n in names)
            body += struct.pack("<I", count)
            for i in range(count): body += struct.pack("<3I", i + 1, 0, 0)
            body += struct.pack("<2I", 0, count)
            for i in range(count): body += struct.pack("<4I", i + 1, 0, 10, 0)
            body += blob(first) + bytes([0, 0]) + struct.pack("<I", 0)
            s.sendall(blob(body))
        """#

    /// Writes the program to a file of its own; the caller removes it.
    ///
    /// Another process writes it: a descriptor of ours that is open for writing could be alive in a worker that another
    /// test starts at the same time, and a program that is open for writing cannot be started (ETXTBSY).
    static func make() throws -> String {
        var template = Array("/tmp/sprof-fake-worker-XXXXXX".utf8CString)
        _ = mkdtemp(&template)
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self) + "/worker"
        let writer = try #require(popen("cat > '\(path)' && chmod 700 '\(path)'", "w"))
        fputs("#!\(python ?? "") -IS\n\(source)", writer)
        #expect(pclose(writer) == 0)
        return path
    }

    /// Removes what ``make()`` made.
    static func remove(_ path: String) {
        unlink(path)
        rmdir(String(path.dropLast("/worker".count)))
    }
}
