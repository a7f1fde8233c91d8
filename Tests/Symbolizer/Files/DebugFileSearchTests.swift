import Primitives
import Testing

@testable import Symbolizer

/// Names of a stripped program from the places where distributions keep them.
@Suite(
    .serialized,
    .enabled(
        if: CompiledPrograms.has("gcc") && CompiledPrograms.has("objcopy") && CompiledPrograms.has("xz"),
        "needs gcc, objcopy and xz"))
struct DebugFileSearchTests {
    private let programs: CompiledPrograms
    private let full: String
    private let stripped: String
    /// An address within `alpha`.
    private let address: FileAddress

    init() throws {
        programs = try CompiledPrograms()
        let source =
            "static int beta(int x) { return x * 3; } int alpha(int x) { return beta(x) + 1; } int main(void) {}"
        full = try programs.compile(source, "gcc -O1 -g -Wl,--build-id", name: "full")
        stripped = full + ".stripped"
        try #require(CompiledPrograms.shell("strip -s -o \(stripped) \(full)"))
        let digits = CompiledPrograms.output("nm \(full)").split(separator: "\n")
            .first { $0.hasSuffix(" alpha") }?.prefix { $0 != " " }
        address = FileAddress(try #require(digits.flatMap { UInt64($0, radix: 16) }))
    }

    private func frames(of path: String, debugDirectories: [String] = []) throws -> ([SymbolizedFrame], SymbolSources) {
        var symbolizer = try FileSymbolizer(
            file: FileDescriptor(opening: path), path: path, buildID: nil,
            options: SymbolizerOptions(debugDirectories: debugDirectories))
        let frames = symbolizer.symbolize([address])[0].frames
        return (frames, symbolizer.sources)
    }

    @Test("Without debug information the function has no name")
    func nothing() throws {
        #expect(try frames(of: stripped).0.isEmpty)
    }

    @Test("The file behind the build ID in a debug directory gives names and lines")
    func buildID() throws {
        let note = CompiledPrograms.output("readelf -n \(full)")
        let digits = try #require(
            note.split(separator: "\n").first { $0.contains("Build ID: ") }?.split(separator: " ").last)
        let folder = "\(programs.folder)/debug/.build-id/\(digits.prefix(2))"
        try #require(CompiledPrograms.shell("mkdir -p \(folder) && cp \(full) \(folder)/\(digits.dropFirst(2)).debug"))
        let (found, sources) = try frames(of: stripped, debugDirectories: ["\(programs.folder)/debug"])
        #expect(found.last?.linkageName == "alpha")
        #expect(found.last?.line ?? 0 > 0)
        #expect(sources.debugInformation == .buildID("\(folder)/\(digits.dropFirst(2)).debug"))
    }

    @Test("The compressed symbol table in .gnu_debugdata gives names")
    func miniDebugInformation() throws {
        let folder = programs.folder
        try #require(
            CompiledPrograms.shell(
                "cd \(folder) && objcopy --strip-debug \(full) mini && xz -f mini"
                    + " && objcopy --add-section .gnu_debugdata=mini.xz \(stripped) small"))
        let (found, sources) = try frames(of: "\(folder)/small")
        #expect(found.map(\.linkageName) == ["alpha"])
        #expect(sources.miniDebugInformation)
    }

    @Test("A damaged .gnu_debugdata costs its names only")
    func damagedMiniDebugInformation() throws {
        let folder = programs.folder
        try #require(
            CompiledPrograms.shell(
                "cd \(folder) && head -c 500 /dev/zero > none && objcopy --add-section .gnu_debugdata=none \(stripped) bad"
            ))
        #expect(try frames(of: "\(folder)/bad").0.isEmpty)
    }

    @Test("The vDSO in memory gives its functions' names", .enabled(if: VirtualImage.bytes != nil, "there is no vDSO"))
    func virtualDSO() throws {
        let bytes = try #require(VirtualImage.bytes)
        var symbolizer = try FileSymbolizer(image: bytes, path: "[vdso]")
        let names = symbolizer.symbolize((0..<UInt64(bytes.count)).map { FileAddress($0) })
            .compactMap { $0.frames.last?.linkageName }
        #expect(names.contains { $0.contains("clock_gettime") })
    }
}

/// This process's own vDSO.
enum VirtualImage {
    static let bytes: [UInt8]? = {
        let lines = (text(ofSmallFile: "/proc/self/maps") ?? "").split(separator: "\n")
        guard let line = lines.first(where: { $0.hasSuffix("[vdso]") }) else { return nil }
        let bounds = line.prefix { $0 != " " }.split(separator: "-").compactMap { UInt64($0, radix: 16) }
        guard bounds.count == 2, let memory = try? FileDescriptor(opening: "/proc/self/mem") else { return nil }
        return try? memory.read(at: FileOffset(bounds[0]), count: Int(bounds[1] - bounds[0]))
    }()
}
