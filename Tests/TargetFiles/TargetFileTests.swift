import Glibc
import Primitives
import Testing

@testable import TargetFiles

/// Files that are read as if they might stop answering, and some that do.
struct TargetFileTests {
    private let folder = TemporaryFolder()
    /// More than the busiest machine needs; shortened where somebody is to lose it.
    private let patience = Patience(firstMilliseconds: 60_000, laterMilliseconds: 60_000)
    private static let contents = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }

    private func write(_ bytes: [UInt8], to name: String = "file") throws -> String {
        let file = try FileDescriptor(
            opening: folder.path + "/" + name, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o644)
        try file.write(bytes.rawSpan)
        return folder.path + "/" + name
    }

    private func mount(_ files: [String: [UInt8]] = ["file": contents]) throws -> FuseFileSystem {
        try FuseFileSystem(at: folder.path + "/served", files: files)
    }

    private func code(_ body: () throws -> Void) -> Int32? {
        do {
            try body()
            return nil
        } catch {
            return (error as? SystemError)?.code
        }
    }

    @Test func `a file on a disk is read like any other`() throws {
        let file = try TargetFile(opening: write(Self.contents), patience: patience)
        #expect(try file.read(at: FileOffset(0), count: 1 << 20) == Self.contents)
        #expect(try file.read(at: FileOffset(150_000), count: 10) == Array(Self.contents[150_000..<150_010]))
        #expect(try file.read(at: FileOffset(200_000), count: 10).isEmpty)
        #expect(try file.read(at: FileOffset(.max), count: 10).isEmpty)
        #expect(file.status.st_size == 200_000)
        #expect(try file.byteCount() == 200_000)
        #expect(!file.isGivenUp)
    }

    @Test func `links lead no further than the root folder, and only regular files are opened`() throws {
        _ = try write([1, 2, 3], to: "inside")
        symlink("/inside", folder.path + "/link")
        symlink("/etc/passwd", folder.path + "/out")
        mkfifo(folder.path + "/pipe", 0o600)
        let root = folder.path
        #expect(
            try TargetFile(opening: "/link", below: root, patience: patience).read(at: FileOffset(0), count: 9)
                == [1, 2, 3])
        #expect(code { _ = try TargetFile(opening: "/out", below: root, patience: patience) } == ENOENT)
        #expect(
            code { _ = try TargetFile(opening: "/../../etc/passwd", below: root, patience: patience) } == ENOENT)
        #expect(
            code { _ = try TargetFile(opening: "/link", below: root, followsLink: false, patience: patience) }
                == EINVAL)
        #expect(code { _ = try TargetFile(opening: root + "/pipe", patience: patience) } == EINVAL)
        #expect(code { _ = try TargetFile(opening: root, patience: patience) } == EINVAL)
        #expect(
            code { _ = try TargetFile(opening: root + "/inside", patience: patience) { $0.st_uid == 77 } } == EINVAL)
    }

    @Test func `a file of a process is sent to another process as it is`() throws {
        let file = try TargetFile(opening: write([5, 6, 7]), patience: patience)
        #expect(try received(from: file) == [5, 6, 7])
    }

    /// What is in the file that comes out of a socket.
    private func received(from file: TargetFile) throws -> [UInt8] {
        var ends: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        let ours = FileDescriptor(owning: ends[0])
        let theirs = FileDescriptor(owning: ends[1])
        try file.send(with: 42, over: ours)
        var byte: UInt8 = 0
        var part = iovec(iov_base: nil, iov_len: 1)
        var control = [UInt64](repeating: 0, count: 4)
        let count = withUnsafeMutablePointer(to: &byte) { byte in
            part.iov_base = UnsafeMutableRawPointer(byte)
            return withUnsafeMutablePointer(to: &part) { part in
                control.withUnsafeMutableBytes { control in
                    var message = msghdr()
                    message.msg_iov = part
                    message.msg_iovlen = 1
                    message.msg_control = control.baseAddress
                    message.msg_controllen = control.count
                    return recvmsg(theirs.raw, &message, 0)
                }
            }
        }
        #expect(count == 1 && byte == 42)
        // struct cmsghdr: a length of 8 bytes, level and type, then the descriptor.
        let received = FileDescriptor(owning: Int32(truncatingIfNeeded: control[2]))
        return try received.read(at: FileOffset(0), count: 100)
    }

    @Test(.enabled(if: SilentFileSystem.isAvailable, "needs root and FUSE"))
    func `a file of a server is read, and sent, as long as that answers`() throws {
        let mount = try mount()
        defer { mount.end() }
        let file = try TargetFile(
            opening: "/file", below: folder.path + "/served", patience: patience)
        #expect(try file.read(at: FileOffset(0), count: 1 << 20) == Self.contents)
        #expect(try file.byteCount() == 200_000)
        #expect(mount.readCount > 0)
        #expect(try received(from: file) == Array(Self.contents[..<100]))
    }

    @Test(
        .enabled(if: SilentFileSystem.isAvailable, "needs root and FUSE"),
        arguments: [FuseFileSystem.Silence.waiting, .taken])
    func `a server that falls silent costs its files, and no others`(silence: FuseFileSystem.Silence) throws {
        let mount = try mount(["file": Self.contents, "other": [1, 2, 3]])
        defer { mount.end() }
        let path = folder.path + "/served/"
        let first = try TargetFile(opening: path + "file", patience: patience)
        let second = try TargetFile(opening: path + "other", patience: patience)
        let onDisk = try TargetFile(opening: write(Self.contents), patience: patience)
        #expect(try first.read(at: FileOffset(0), count: 4_096) == Array(Self.contents[..<4_096]))
        mount.fallSilent(silence)
        patience.shorten(to: 50)
        #expect(code { _ = try first.read(at: FileOffset(8_192), count: 4_096) } == ETIMEDOUT)
        #expect(first.isGivenUp && !second.isGivenUp)
        // Not asked again, not even for what is known: neither waits.
        #expect(code { _ = try first.read(at: FileOffset(0), count: 1) } == ETIMEDOUT)
        #expect(code { _ = try first.byteCount() } == ETIMEDOUT)
        #expect(code { _ = try second.read(at: FileOffset(0), count: 3) } == ETIMEDOUT)
        #expect(code { _ = try TargetFile(opening: path + "new", patience: patience) } == ETIMEDOUT)
        // What was opened before is there for whoever takes over from the one that waits.
        #expect(try onDisk.read(at: FileOffset(100_000), count: 5) == Array(Self.contents[100_000..<100_005]))
        let calm = Patience(firstMilliseconds: 60_000)
        #expect(try TargetFile(opening: write([9], to: "late"), patience: calm).byteCount() == 1)
    }

    @Test func `reading memory of a process is waited for like a file`() throws {
        var word: UInt64 = 0x1122_3344_5566_7788
        let memory = try FileDescriptor(opening: "/proc/self/mem")
        let file = try TargetFile(sharing: memory, path: "memory", patience: patience)
        let bytes = try withUnsafeMutablePointer(to: &word) {
            try file.read(at: FileOffset(UInt64(UInt(bitPattern: $0))), count: 8)
        }
        #expect(bytes == [0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11])
        #expect(code { _ = try file.read(at: FileOffset(0), count: 8) } == EIO)
        #expect(!file.isGivenUp)
    }
}
