import CodeListing
import ELF
import Glibc
import Primitives
import ProfileModel
import ProfileReport
import ProfileWriter

/// A C program compiled for the tests, and a profile of it in which every instruction of `work` has a value of its own.
final class ListedProgram {
    static let source = """
        #include <stdio.h>

        static inline __attribute__((always_inline)) unsigned mix(unsigned a, unsigned b)
        {
        	unsigned c = a * 31u;
            return (c ^ (b >> 3)) + b;
        }

        __attribute__((noinline)) unsigned work(unsigned count)
        {
            unsigned sum = 0;
            for (unsigned i = 0; i < count; i++)
                sum += mix(sum, i);
            return sum;
        }

        int main(int argc, char **argv)
        {
            printf("%u\\n", work((unsigned)argc * 1000u));
            return 0;
        }

        """

    let folder: String
    /// The compiled program.
    let path: String
    /// Its instructions of `work`, as objdump decodes them.
    let instructions: [(address: UInt64, text: String)]
    private(set) var profile: Profile
    /// What is added to addresses of a file that can be anywhere.
    private static let bias: UInt64 = 0x5555_5555_4000

    /// - Parameter options: Of gcc.
    init(options: String = "-g -O2") throws {
        var template = Array("/tmp/sprof-listing-XXXXXX\0".utf8CString)
        folder = String(cString: mkdtemp(&template))
        path = folder + "/prog"
        try FileDescriptor(opening: folder + "/prog.c", O_WRONLY | O_CREAT, mode: 0o644)
            .write(Array(Self.source.utf8).span.bytes)
        _ = Tool.run("cd \(folder) && gcc \(options) -o prog prog.c")
        instructions = Self.disassembled("work", in: path)
        let call = Self.disassembled("main", in: path).first { $0.text.contains("<work>") }
        let image = try ElfImage(reading: try FileDescriptor(openingRegularFile: path))
        profile = Profile(sampleTypes: [("samples", "count"), ("cpu", "nanoseconds")])
        profile.defaultSampleType = profile.intern("cpu")
        let bias = image.type == 2 ? 0 : Self.bias
        var mappings: [MappingIndex] = []
        for segment in image.segments where segment.isLoad && segment.isExecutable {
            let start = bias + segment.address.value & ~0xfff
            mappings.append(
                profile.addMapping(
                    addresses: Address(start)..<Address(start + (segment.memorySize + 0x1fff) & ~0xfff),
                    fileOffset: FileOffset(segment.offset.value & ~0xfff), filename: path, buildID: image.buildID))
        }
        let caller = profile.addLocation(
            mapping: mappings[0], address: Address(bias + (call?.address ?? 0) + 1), lines: [])
        for (index, instruction) in instructions.enumerated() {
            let leaf = profile.addLocation(
                mapping: mappings[0], address: Address(bias + instruction.address), lines: [])
            profile.addSample(
                locations: [leaf, caller], values: [Int64(index + 1), Int64(index + 1) * 10_000_000], labels: [])
        }
    }

    deinit {
        _ = Tool.run("rm -rf \(folder)")
    }

    /// The profile with names, looked up by workers.
    func named() throws -> (profile: Profile, result: LocalSymbolization.Result) {
        var named = profile
        var binaries = Binaries()
        let result = LocalSymbolization(workerExecutable: Tool.sprof ?? "").fill(&named, binaries: &binaries)
        return (named, result)
    }

    func context(_ kind: ReportKind, _ change: (inout ReportOptions) -> Void = { _ in }) throws -> ReportContext {
        var options = ReportOptions()
        change(&options)
        return try ReportContext(named().profile, kind: kind, options: options)
    }

    /// What `objdump -d` says of `function`.
    static func disassembled(_ function: String, in path: String) -> [(address: UInt64, text: String)] {
        let output = Tool.run("objdump -d --no-show-raw-insn --disassemble=\(function) \(path)")
        return output.split(separator: "\n").compactMap { line in
            guard line.hasPrefix(" "), let colon = line.firstIndex(of: ":"),
                let address = UInt64(line[..<colon].drop { $0 == " " }, radix: 16)
            else { return nil }
            return (address, String(line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }))
        }
    }
}

/// Programs of the system that tests call.
enum Tool {
    /// The program under test, which workers are started from.
    static let sprof: String? = getenv("SPROF_BINARY").map { String(cString: $0) }

    static func has(_ name: String) -> Bool { run("command -v \(name)").isEmpty == false }

    /// What a shell command writes to standard output.
    static func run(_ command: String) -> String {
        guard let stream = popen(command + " 2>/dev/null", "r") else { return "" }
        defer { pclose(stream) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&chunk, 1, chunk.count, stream)
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
