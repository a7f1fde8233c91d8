import Glibc
import Primitives
import Testing

@testable import Symbolizer

/// Names of stubs, against the labels that objdump gives them.
@Suite struct LinkageTableTests {
    private static let source = """
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        int main(int count, char **words) {
            puts(words[0]);
            printf("%d", atoi(words[0]));
            free(malloc(count));
            return (int)strlen(words[0]);
        }
        """

    private static func run(_ command: String) -> Bool { system("{ \(command); } >/dev/null 2>&1") == 0 }

    private static let hasTools = run("command -v gcc && command -v objdump")

    /// The lines that `command` prints.
    private func lines(_ command: String) -> [String] {
        guard let pipe = popen(command + " 2>/dev/null", "r") else { return [] }
        defer { pclose(pipe) }
        var lines: [String] = []
        var line = [CChar](repeating: 0, count: 4096)
        while fgets(&line, 4096, pipe) != nil {
            lines.append(
                String(decoding: line.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
        }
        return lines
    }

    @Test(
        "Each byte of a stub has the name that objdump labels it with", .enabled(if: hasTools, "needs gcc and objdump"),
        arguments: [
            "-Wl,-z,lazy", "-no-pie -Wl,-z,lazy", "-Wl,-z,now", "-fcf-protection -Wl,-z,ibtplt", "-fuse-ld=lld",
            "-fuse-ld=lld -Wl,-z,now", "-fuse-ld=lld -fcf-protection -Wl,-z,force-ibt", "-fuse-ld=mold",
            "-fuse-ld=mold -Wl,-z,now",
        ])
    func agreesWithPeer(flags: String) throws {
        let folder = TemporaryFolder()
        let path = folder.path + "/program"
        let input = try FileDescriptor(opening: path + ".c", O_WRONLY | O_CREAT, mode: 0o600)
        try input.write(Array(Self.source.utf8).rawSpan)
        guard Self.run("gcc -O1 -fno-builtin \(flags) '\(path).c' -o '\(path)'") else {
            // Not every machine has every linker.
            #expect(flags.contains("lld") || flags.contains("mold"))
            return
        }
        var symbolizer = try FileSymbolizer(
            file: FileDescriptor(opening: path), path: path, buildID: nil, options: SymbolizerOptions())
        var checked = 0
        for line in lines("objdump -d '\(path)'") where line.hasSuffix("plt>:") && !line.hasSuffix("<.plt>:") {
            let parts = line.dropLast(2).split(separator: " ")
            let start = try #require(UInt64(parts[0], radix: 16))
            let name = parts[1].dropFirst().dropLast(4)
            for address in start..<start + 8 {
                let frames = symbolizer.symbolize([FileAddress(address)])[0].frames
                #expect(frames == [SymbolizedFrame(linkageName: String(name), displayName: name + "@plt")])
            }
            checked += 1
        }
        #expect(checked >= 6)
    }

    @Test(
        "A static program's stubs are named after the resolvers", .enabled(if: hasTools, "needs gcc and objdump"))
    func staticProgram() throws {
        let folder = TemporaryFolder()
        let path = folder.path + "/program"
        let input = try FileDescriptor(opening: path + ".c", O_WRONLY | O_CREAT, mode: 0o600)
        try input.write(Array(Self.source.utf8).rawSpan)
        try #require(Self.run("gcc -static -fno-builtin '\(path).c' -o '\(path)'"))
        let elf = try ElfFile(FileDescriptor(opening: path), path: path)
        let section = try #require(elf.sections.first { $0.name == ".plt" })
        let table = LinkageTable(elf)
        for address in stride(from: section.address, to: section.address + section.size, by: 8) {
            let frame = try #require(table.frame(at: address + 3, SymbolTable(), usingSystemDemanglers: true))
            #expect(frame.linkageName.hasPrefix("*ABS*+0x"))
        }
    }
}
