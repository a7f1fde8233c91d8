import Glibc
import SymbolComparison
import Testing

@testable import Symbolizer

/// Our readable names against those of other demanglers, over all names of real libraries.
@Suite struct DemanglerOracleTests {
    /// The lines that a shell command prints, nil if there are none.
    private static func run(_ command: String) -> [String]? {
        guard let output = popen("{ \(command); } 2>/dev/null", "r") else { return nil }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&buffer, 1, buffer.count, output), count > 0 { bytes += buffer[..<count] }
        guard pclose(output) == 0, !bytes.isEmpty else { return nil }
        return bytes.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The names that `list` prints and what `demangler` makes of them, nil if a tool is missing.
    private static func pairs(_ list: String, _ demangler: String) -> [(name: String, readable: String)]? {
        guard let names = run(list), let readable = run("\(list) | \(demangler)"), names.count == readable.count else {
            return nil
        }
        return Array(zip(names, readable))
    }

    private static let cxx = pairs(
        "nm -D $(gcc -print-file-name=libstdc++.so.6) | sed -n 's/.* \\(_Z[^@ ]*\\).*/\\1/p' | sort -u", "c++filt -i")
    private static let swift = pairs(
        "nm -D $(dirname $(readlink -f $(which swiftc)))/../lib/swift/linux/libswiftCore.so"
            + " | sed -n 's/.* \\(.s[^@ ]*\\)$/\\1/p' | grep '^[$]s' | sort -u", "swift-demangle --simplified --compact"
    )
    private static let rust = pairs(
        "{ p=$(mktemp) && echo 'fn main() { println!(\"{:?}\", std::env::args()) }'"
            + " | rustc -C symbol-mangling-version=v0 -o $p - && nm $p; rm -f $p; }"
            + " | sed -n 's/.* \\(_R[^@ .]*\\)$/\\1/p' | sort -u", "c++filt -i -s rust")

    /// The first differences, which are few if all is well.
    private func differences(_ pairs: [(name: String, readable: String)]?) throws -> [String] {
        let pairs = try #require(pairs)
        #expect(pairs.count > 300)
        return Array(
            pairs.lazy.filter { demangle($0.name) ?? $0.name != $0.readable }
                .map { "\($0.name): \(demangle($0.name) ?? "-"), not \($0.readable)" }.prefix(5))
    }

    @Test(.enabled(if: cxx != nil, "needs gcc and binutils")) func `libstdc++'s names are those of c++filt`() throws {
        #expect(try differences(Self.cxx).isEmpty)
    }

    /// C++ names of libraries that Swift and its tests need anyway, of the largest a sample.
    private static let cxxSample: [String]? = {
        let swift = "$(dirname $(readlink -f $(which swiftc)))/../lib"
        let libraries = "$(gcc -print-file-name=libstdc++.so.6) \(swift)/swift/linux/*.so \(swift)/libIndexStore.so"
        return run("nm \(libraries); nm -D \(libraries)").map { lines in
            let names = Set(lines.compactMap { line in line.split(separator: " ").last?.prefix { $0 != "@" } })
            return names.filter { $0.hasPrefix("_Z") }.sorted().enumerated().filter { $0.offset % 5 == 0 }.map {
                String($0.element)
            }
        }
    }()

    @Test(.enabled(if: cxxSample != nil, "needs gcc and binutils"))
    func `our C++ names are libstdc++'s, and there are few that we have none for`() throws {
        let names = try #require(Self.cxxSample)
        #expect(names.count > 1000)
        var comparison = CxxComparison()
        for name in names { comparison.add(name) }
        #expect(comparison.counts[.different] == nil, "\(comparison.examples)")
        #expect(comparison.counts[.handedOver] ?? 0 < names.count / 20, "\(comparison.summary)")
    }

    @Test(.enabled(if: swift != nil, "needs swift-demangle")) func `libswiftCore's names are those of swift-demangle`()
        throws
    {
        #expect(try differences(Self.swift).isEmpty)
    }

    @Test(.enabled(if: rust != nil, "needs rustc and binutils")) func `Rust's std's names are those of c++filt`() throws
    {
        #expect(try differences(Self.rust).isEmpty)
    }
}
