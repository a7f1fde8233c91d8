import Glibc
import Primitives
import Testing

@testable import Symbolizer

@Suite struct SearchRootTests {
    private let outside: TemporaryFile
    private let folder = TemporaryFolder()

    init() throws {
        outside = try TemporaryFile("secret")
        let file = try FileDescriptor(opening: folder.path + "/good", O_WRONLY | O_CREAT, mode: 0o600)
        try file.write(Array("inside".utf8).rawSpan)
        mkdir(folder.path + "/dir", 0o700)
        symlink(outside.path, folder.path + "/escape")
        symlink("../../../../../../.." + outside.path, folder.path + "/dir/climb")
        symlink("/good", folder.path + "/dir/link")
        mkfifo(folder.path + "/pipe", 0o600)
    }

    private func opens(_ root: SearchRoot, _ path: String) -> Bool {
        if root.open(path) != nil { return true }
        return false
    }

    @Test("A link that is absolute stays inside, and one that leads outside opens nothing")
    func links() throws {
        let root = SearchRoot(folder.path)
        #expect(!opens(root, "/escape"))
        #expect(!opens(root, "/dir/climb"))
        #expect(!opens(root, outside.path))
        for path in ["/good", "/dir/link", folder.path + "/good"] {
            guard let file = root.open(path) else {
                Issue.record("\(path) not opened")
                continue
            }
            #expect(try file.readToEnd(limit: 100) == Array("inside".utf8))
        }
        #expect(root.shown("/good") == folder.path + "/good")
    }

    @Test("Pipes, devices and folders are not opened, with a root or without", .timeLimit(.minutes(1)))
    func onlyRegularFiles() {
        #expect(!opens(SearchRoot(folder.path), "/pipe"))
        #expect(!opens(SearchRoot(folder.path), "/dir"))
        #expect(!opens(SearchRoot(""), folder.path + "/pipe"))
        #expect(!opens(SearchRoot(""), "/dev/zero"))
    }

    @Test("A root that is gone is replaced by our own")
    func goneRoot() {
        let root = SearchRoot(folder.path + "/gone")
        #expect(opens(root, folder.path + "/good"))
        #expect(root.shown("/good") == "/good")
    }

    @Test("Without openat2 no link is followed")
    func stepByStep() throws {
        let root = try FileDescriptor(opening: folder.path)
        for (path, opens) in [("/good", true), ("escape", false), ("dir/link", false), ("dir/../good", false)] {
            let raw = openStepByStep(root, path, O_RDONLY)
            #expect((raw >= 0) == opens)
            if raw >= 0 { close(raw) }
        }
    }

    @Test("A binary that is a pipe is refused without waiting", .timeLimit(.minutes(1)))
    func pipeAsBinary() throws {
        let pipe = try FileDescriptor(opening: folder.path + "/pipe", O_RDWR)
        #expect(throws: SymbolizerError.self) { _ = try ElfFile(pipe, path: "pipe") }
    }
}
