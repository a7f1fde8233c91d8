import Glibc
import Primitives
import ProfileModel
import ProfileReader
import ProfileWriter
import Testing

@Suite struct ProfileFileTests {
    let directory = TemporaryDirectory()

    @Test func `a new file is whole, readable by all that umask allows, and alone in its directory`() throws {
        let path = directory.path + "/cpu.pb.gz"
        try ProfileFile.checkWritable(path)
        try ProfileFile.write(ProfileFixture.full(), to: path)
        #expect(try ProfileReader.read(contentsOf: path).samples.count == 5)
        #expect(PprofOracle.shell("ls -A '\(directory.path)'").output == "cpu.pb.gz\n")
        let mask = umask(0)
        umask(mask)
        var status = stat()
        #expect(stat(path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o644 & ~mask)
    }

    @Test func `a file that is replaced keeps its permissions, and a link to it stays a link`() throws {
        let path = directory.path + "/old"
        #expect(system("echo old >'\(path)'; chmod 600 '\(path)'; ln -s old '\(path).link'") == 0)
        try ProfileFile.write([1, 2, 3], to: path + ".link")
        #expect(contents(ofSmallFile: path) == [1, 2, 3])
        var status = stat()
        #expect(lstat(path + ".link", &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
        #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
    }

    @Test func `devices are written to and stay devices`() throws {
        try ProfileFile.checkWritable("/dev/null")
        try ProfileFile.write(ProfileFixture.full(), to: "/dev/null")
        var status = stat()
        #expect(stat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
    }

    @Test func `a pipe is written to`() throws {
        let path = directory.path + "/fifo"
        #expect(mkfifo(path, 0o600) == 0)
        // Open for reading and writing, so that nobody waits for the other end.
        let reader = try FileDescriptor(opening: path, O_RDWR)
        try ProfileFile.checkWritable(path)
        try ProfileFile.write([7, 8], to: path)
        var bytes: [UInt8] = [0, 0]
        #expect(read(reader.raw, &bytes, 2) == 2)
        #expect(bytes == [7, 8])
    }

    @Test func `a full disk is named as such`() {
        let error = #expect(throws: ProfileFileError.self) { try ProfileFile.write([1], to: "/dev/full") }
        #expect(error?.code == .noSpace)
        #expect(
            error?.message
                == "cannot write /dev/full: No space left on device; free some space or choose another place")
    }

    @Test(.enabled(if: Self.canMount, "mounting a file system needs root"))
    func `a full disk costs neither the previous file nor leaves a temporary one`() throws {
        let mount = directory.path + "/small"
        #expect(system("mkdir '\(mount)' && mount -t tmpfs -o size=16k tmpfs '\(mount)'") == 0)
        defer { system("umount '\(mount)'") }
        try ProfileFile.write([1], to: mount + "/cpu")
        let error = #expect(throws: ProfileFileError.self) {
            try ProfileFile.write([UInt8](repeating: 7, count: 1 << 20), to: mount + "/cpu")
        }
        #expect(error?.code == .noSpace)
        #expect(contents(ofSmallFile: mount + "/cpu") == [1])
        #expect(PprofOracle.shell("ls -A '\(mount)'").output == "cpu\n")
    }

    @Test func `a file that is not finished leaves the one before, and nothing else`() throws {
        let path = directory.path + "/report"
        try ProfileFile.write([1], to: path)
        do {
            let file = try OutputFile(path)
            let piece: [UInt8] = [2, 3]
            try file.write(piece.rawSpan)
        }
        #expect(contents(ofSmallFile: path) == [1])
        #expect(PprofOracle.shell("ls -A '\(directory.path)'").output == "report\n")
    }

    @Test func `what cannot be written is known before a recording`() {
        let missing = directory.path + "/missing"
        #expect(code(missing + "/cpu") == .directory)
        #expect(code(directory.path) == .isDirectory)
        #expect(code(missing + "/") == .isDirectory)
        #expect(code("") == .cannotWrite)
        #expect(system("echo >'\(directory.path)/file'") == 0)
        #expect(code(directory.path + "/file/cpu") == .cannotWrite)
        #expect(code("/proc/self/cpu") == .directory)
    }

    private static let canMount = PprofOracle.shell("unshare -m mount -t tmpfs tmpfs /mnt").status == 0

    private func code(_ path: String) -> ProfileFileError.Code? {
        do {
            try ProfileFile.checkWritable(path)
            return nil
        } catch {
            return error.code
        }
    }
}
