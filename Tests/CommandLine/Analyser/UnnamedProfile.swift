import ELF
import Primitives
import ProfileModel

/// A C++ program compiled for the tests, and a profile of addresses in it without a single name.
final class UnnamedProfile {
    let fixture: AnalyserFixture
    /// The addresses in the file that were sampled, in the order of the profile's locations.
    let addresses: [UInt64]
    /// By address in the file, what llvm-symbolizer says: for each frame its linkage name and its line, the innermost first.
    let places: [UInt64: [(name: String, line: Int)]]

    private static let source = """
        #include <cstdio>

        namespace app {
        template <class T> struct Box {
            T value;
            __attribute__((noipa)) T add(T other) const;
        };
        static inline __attribute__((always_inline)) int mix(int a, int b) {
            return a * 31 ^ b;
        }
        template <class T> T Box<T>::add(T other) const {
            volatile T sum = value;
            for (int i = 0; i < 3; i++)
                sum = sum + mix((int)other, i);
            return sum;
        }
        __attribute__((noipa)) int plain(int x, const char *text) { return x + (int)text[0]; }
        }

        extern "C" __attribute__((noipa)) int c_function(int x) { return app::plain(x, "a") * 3; }

        int main(int argc, char **) {
            app::Box<long> box = {argc};
            std::printf("%ld %d", box.add(4), c_function(argc));
        }

        """

    /// The functions whose addresses are sampled, by their linkage names.
    private static let functions = ["_ZNK3app3BoxIlE3addEl", "_ZN3app5plainEiPKc", "c_function", "main"]

    init() throws {
        fixture = try AnalyserFixture()
        let folder = fixture.folder.path
        try FileDescriptor(opening: folder + "/prog.cc", Int32(0o101), mode: 0o644).write(
            Array(Self.source.utf8).rawSpan)
        _ = PprofOracle.shell("cd '\(folder)' && g++ -g -O2 -o prog prog.cc")
        let image = try ElfImage(reading: try FileDescriptor(openingRegularFile: folder + "/prog"))
        addresses = Self.functions.flatMap { Self.instructions(of: $0, in: folder + "/prog") }
        places = Self.places(addresses, in: folder + "/prog")
        var profile = Profile(sampleTypes: [("samples", "count"), ("cpu", "nanoseconds")])
        profile.defaultSampleType = profile.intern("cpu")
        let bias: UInt64 = 0x5555_5555_4000
        for segment in image.segments where segment.isLoad && segment.isExecutable {
            let start = bias + segment.address.value & ~0xfff
            let mapping = profile.addMapping(
                addresses: Address(start)..<Address(start + (segment.memorySize + 0x1fff) & ~0xfff),
                fileOffset: FileOffset(segment.offset.value & ~0xfff), filename: folder + "/prog",
                buildID: image.buildID)
            for (index, address) in addresses.enumerated() {
                let location = profile.addLocation(mapping: mapping, address: Address(bias + address), lines: [])
                profile.addSample(
                    locations: [location], values: [Int64(index + 1), Int64(index + 1) * 10_000_000], labels: [])
            }
        }
        _ = try fixture.folder.file(profile, named: "unnamed.pb.gz")
    }

    private static func instructions(of function: String, in path: String) -> [UInt64] {
        let output = PprofOracle.shell("objdump -d --no-show-raw-insn --disassemble=\(function) '\(path)'").output
        return output.split(separator: "\n").compactMap { line in
            guard line.hasPrefix(" "), let colon = line.firstIndex(of: ":") else { return nil }
            return UInt64(line[..<colon].drop { $0 == " " }, radix: 16)
        }
    }

    private static func places(_ addresses: [UInt64], in path: String) -> [UInt64: [(name: String, line: Int)]] {
        let numbers = addresses.map { "0x" + String($0, radix: 16) }.joined(separator: " ")
        let output = PprofOracle.shell("llvm-symbolizer --no-demangle --inlines --obj='\(path)' \(numbers)").output
        // For each address its frames, two lines each, and an empty line.
        let answers = output.split(separator: "\n\n").map { $0.split(separator: "\n").map(String.init) }
        var places: [UInt64: [(name: String, line: Int)]] = [:]
        for (address, lines) in zip(addresses, answers) {
            places[address] = stride(from: 0, to: lines.count - 1, by: 2).map { position in
                let place = lines[position + 1].split(separator: ":")
                return (lines[position], place.dropFirst().first.flatMap { Int($0) } ?? 0)
            }
        }
        return places
    }
}
