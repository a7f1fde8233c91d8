import CodeListing
import Glibc
import Primitives
import ProfileModel
import ProfileReport
import Testing

/// A folder with files for a test, removed with its owner.
private final class Folder {
    let path: String

    init(_ files: [String: String]) {
        var template = Array("/tmp/sprof-sources-XXXXXX\0".utf8CString)
        path = String(cString: mkdtemp(&template))
        for (name, text) in files {
            _ = Tool.run("mkdir -p \"$(dirname '\(path)/\(name)')\"")
            guard let file = fopen(path + "/" + name, "w") else { continue }
            fputs(text, file)
            fclose(file)
        }
    }

    deinit { _ = Tool.run("rm -rf '\(path)'") }
}

@Suite struct SourceFilesTests {
    @Test func `A relative name is found below the search path and below all folders above it`() throws {
        let folder = Folder(["src/a.c": "in src\n", "lib/b.c": "in lib\n"])
        var files = SourceFiles(searchPath: folder.path + "/src/deep", trimPath: "")
        #expect(try files.lines(of: "lib/b.c") == ["in lib"])
        #expect(try files.lines(of: "src/a.c") == ["in src"])
        #expect(files.notes.isEmpty)
    }

    @Test func `All up to the name of the search path's folder is taken off an absolute name`() throws {
        let folder = Folder(["project/x/a.c": "here\n"])
        var files = SourceFiles(searchPath: folder.path + "/project", trimPath: "")
        #expect(try files.lines(of: "/build/machine/project/x/a.c") == ["here"])
    }

    @Test func `A prefix to trim is taken off, whether or not it ends in a slash`() throws {
        let folder = Folder(["x/a.c": "here\n"])
        for prefix in ["/other:/build/1234", "/build/1234/"] {
            var files = SourceFiles(searchPath: folder.path, trimPath: prefix)
            #expect(try files.lines(of: "/build/1234/x/a.c") == ["here"])
        }
    }

    @Test func `A file of another machine is found by the end of its path, and that is said`() throws {
        let folder = Folder(["net/server.c": "here\n"])
        var files = SourceFiles(searchPath: folder.path, trimPath: "")
        #expect(try files.lines(of: "/home/builder/app/net/server.c") == ["here"])
        #expect(files.notes == ["using \(folder.path)/net/server.c for /home/builder/app/net/server.c"])
    }

    @Test func `What is nowhere fails in pprof's words, and what was tried is said once`() throws {
        let folder = Folder([:])
        var files = SourceFiles(searchPath: folder.path, trimPath: "", suggestedFolders: ["/nowhere"])
        let relative = #expect(throws: SourceFiles.Missing.self) { try files.lines(of: "a/b.c") }
        #expect(relative?.description == "could not find file a/b.c on path \(folder.path)")
        let absolute = #expect(throws: SourceFiles.Missing.self) { try files.lines(of: "/nowhere/b.c") }
        #expect(absolute?.description == "open /nowhere/b.c: no such file or directory")
        _ = try? files.lines(of: "a/b.c")
        #expect(files.notes.count == 2 && files.notes[0].contains("\(folder.path), /nowhere"))
    }

    @Test func `The folders of a profile's programs suggest themselves, not those of the system`() throws {
        var profile = Profile(sampleTypes: [("samples", "count")])
        let names = [
            "/home/me/app/prog", "/usr/lib/x86_64-linux-gnu/libc.so.6", "[vdso]", "", "//anon", "relative/x",
            "/home/me/app/lib.so",
            "/opt/tool", "/memfd:jit", "/top",
        ]
        for (index, name) in names.enumerated() {
            let start = UInt64(index + 1) << 20
            _ = profile.addMapping(
                addresses: Address(start)..<Address(start + 4096), fileOffset: FileOffset(0), filename: name)
        }
        #expect(SourceFiles.foldersOfPrograms(in: profile) == ["/home/me/app", "/opt", "/"])
    }

    @Test func `A FIFO and a device are no sources, and do not block`() throws {
        let folder = Folder([:])
        mkfifo(folder.path + "/fifo.c", 0o600)
        var files = SourceFiles(searchPath: folder.path, trimPath: "")
        #expect(throws: SourceFiles.Missing.self) { try files.lines(of: folder.path + "/fifo.c") }
        #expect(throws: SourceFiles.Missing.self) { try files.lines(of: "fifo.c") }
        #expect(throws: SourceFiles.Missing.self) { try files.lines(of: "/dev/zero") }
    }

    @Test func `Lines end like Go's: with or without a carriage return, the last one with nothing`() throws {
        let folder = Folder(["a.c": "one\r\ntwo\n\nfour"])
        var files = SourceFiles(searchPath: folder.path, trimPath: "")
        #expect(try files.lines(of: "a.c") == ["one", "two", "", "four"])
        #expect(files.line(4, of: "a.c") == "four")
        #expect(files.line(5, of: "a.c") == nil && files.line(.min, of: "a.c") == nil)
    }

    @Test(arguments: [
        ("", ""), ("a//b/./c", "a/b/c"), ("../a/..", ".."), ("/../a/../..", "/"), ("a/..", "."), ("./x", "x"),
        ("/", "/"),
    ])
    func `A path is cleaned as by Go`(path: String, cleaned: String) {
        #expect(cleanPath(path) == cleaned)
    }
}
