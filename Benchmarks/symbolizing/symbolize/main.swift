// symbolize: sprof's symbolizer by itself, for measuring and for comparing with other tools.
//
//   symbolize --random COUNT SEED FILE         distinct random addresses of the file's code, sorted
//   symbolize FILE < addresses                 functions and lines, as `llvm-symbolizer --no-demangle -i` writes them
//   symbolize --demangle FILE < addresses      the same with readable names
//   symbolize --quiet FILE < addresses         the same without printing, to be measured from outside
//   symbolize --quiet-pool FILE < addresses    in worker processes, as sprof does it, readable names included
//   symbolize --compare FILE WALK [DEBUG_FILE [ALTERNATE_FILE]]
//                                              differences to llvm-symbolizer and to walk.c, whose path WALK is, at
//                                              100 000 random addresses
//   symbolize --demangle-speed FILE            what demangling each of the file's symbols cost
//   symbolize --check-demangling < names       our C++ names beside those of libstdc++; ends with 2 if any is another

import Glibc
import Primitives
import SymbolComparison
import Symbolizer

/// Writes a line to the standard error.
func tell(_ message: String) {
    let line = Array("symbolize: \(message)\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
}

func fail(_ message: String) -> Never {
    tell(message)
    exit(1)
}

/// The hexadecimal addresses in the lines of the standard input. By bytes: `readLine` would cost a quarter of what is to
/// be measured.
func readAddresses() -> [FileAddress] {
    guard let text = try? FileDescriptor(owning: dup(STDIN_FILENO)).readToEnd(limit: 1 << 30) else {
        fail("the addresses cannot be read")
    }
    return text.split(separator: UInt8(ascii: "\n")).map { line in
        let digits = line.starts(with: "0x".utf8) ? line.dropFirst(2) : line
        var value: UInt64 = 0
        for digit in digits {
            let number =
                switch digit {
                case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
                case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
                default: fail("\(String(decoding: line, as: UTF8.self)) is not an address")
                }
            value = value << 4 | UInt64(number)
        }
        return FileAddress(value)
    }
}

func open(_ path: String) -> OpenFile {
    do {
        return OpenFile(try FileDescriptor(opening: path))
    } catch {
        fail("\(path): \(error)")
    }
}

/// Names and lines of `addresses` from one symbolizer in this process.
func symbolize(_ path: String, _ addresses: [FileAddress]) -> [SymbolizedAddress] {
    do {
        var symbolizer = try FileSymbolizer(
            file: open(path).descriptor, path: path, buildID: nil, options: SymbolizerOptions())
        let results = symbolizer.symbolize(addresses)
        for warning in symbolizer.sources.warnings { tell(warning) }
        return results
    } catch {
        fail("\(error)")
    }
}

/// Names and lines of `addresses` as sprof gets them.
func symbolizeInWorkers(_ path: String, _ addresses: [FileAddress]) {
    var pool = SymbolizerPool()
    let request = SymbolizeRequest(path: path, file: open(path), addresses: addresses.sorted())
    if case .failure(let failure) = pool.symbolize([request])[0] { fail("\(failure)") }
}

func randomAddresses(_ path: String, _ count: Int, seed: UInt64) -> [FileAddress] {
    do {
        return try RandomAddresses(file: path, seed: seed).addresses(count)
    } catch {
        fail("\(path): \(error)")
    }
}

func printFrames(_ results: [SymbolizedAddress], isReadable: Bool) {
    for result in results {
        for frame in result.frames {
            let name = isReadable ? frame.displayName ?? demangle(frame.linkageName) : nil
            print(name ?? frame.linkageName)
            print(frame.file.isEmpty ? "??" : frame.file, frame.line, separator: ":")
        }
        if result.frames.isEmpty { print("??\n??:0") }
        print()
    }
}

/// Prints a table of differences; ends with an error if one is unexplained.
func compare(_ path: String, walk source: String, debugFile: String, alternate: String) {
    do {
        let addresses = randomAddresses(path, 100_000, seed: 1)
        let ours = symbolize(path, addresses)
        let tools = try PeerTools()
        guard let walk = try tools.walk(debugFile, alternate: alternate, source: source, addresses),
            let llvm = try tools.llvm(path, addresses), walk.count == ours.count, llvm.count == ours.count
        else { fail("llvm-symbolizer or walk.c cannot be run, or do not answer each address") }
        var isEqual = true
        for (peer, comparison) in [
            ("libdw", Comparison(walk: walk, addresses: addresses, ours: ours)),
            ("llvm-symbolizer", Comparison(llvm: llvm, walk: walk, addresses: addresses, ours: ours)),
        ] {
            print("\(path): \(comparison.addressCount) addresses, \(comparison.frameCount) frames")
            print("  \(comparison.equalCount) as \(peer)")
            for kind in Difference.allCases {
                guard let entry = comparison.entries[kind] else { continue }
                print("  \(entry.addressCount) \(peer): \(kind.rawValue)\(kind.isUnexplained ? " (UNEXPLAINED)" : "")")
                print("      \(entry.example)")
            }
            if !comparison.unexplained.isEmpty { isEqual = false }
        }
        if !isEqual { exit(2) }
    } catch {
        fail("\(error)")
    }
}

func checkDemangling() {
    var comparison = CxxComparison()
    while let name = readLine() { comparison.add(name) }
    for line in comparison.examples { print(line) }
    print(comparison.summary)
    if comparison.counts[.different] != nil { exit(2) }
}

let words = Array(CommandLine.arguments.dropFirst())
switch words.first {
case symbolizeWorkerArgument?: runSymbolizeWorker(socket: symbolizeWorkerSocket)
case "--random"? where words.count == 4:
    guard let count = Int(words[1]), let seed = UInt64(words[2]) else { fail("COUNT and SEED are numbers") }
    for address in randomAddresses(words[3], count, seed: seed) { print(address) }
case "--quiet"? where words.count == 2: _ = symbolize(words[1], readAddresses())
case "--quiet-pool"? where words.count == 2: symbolizeInWorkers(words[1], readAddresses())
case "--compare"? where (3...5).contains(words.count):
    compare(
        words[1], walk: words[2], debugFile: words.count > 3 ? words[3] : words[1],
        alternate: words.count > 4 ? words[4] : "")
case "--demangle-speed"? where words.count == 2:
    let results = symbolize(words[1], randomAddresses(words[1], 200_000, seed: 1))
    // In the order of the addresses, as a worker meets them: neighbours have similar names.
    var known: Set<String> = []
    let names = results.flatMap(\.frames).map(\.linkageName).filter { known.insert($0).inserted }
    // The least of three rounds. CLOCKS_PER_SEC is a million on every system of POSIX.
    var (demangling, shortening) = (Double.infinity, Double.infinity)
    var (readableCount, changedCount) = (0, 0)
    for _ in 0..<3 {
        let start = clock()
        var demangler = Demangler()
        var readable: [String] = []
        readable.reserveCapacity(names.count)
        for name in names { if let text = demangler.demangle(name) { readable.append(text) } }
        let end = clock()
        let shorter = readable.map(StandardTypeNames.shorten)
        shortening = min(shortening, Double(clock() - end) / 1e6)
        demangling = min(demangling, Double(end - start) / 1e6)
        readableCount = readable.count
        changedCount = zip(readable, shorter).count { $0 != $1 }
    }
    print("\(names.count) names, \(readableCount) demangled: \(demangling) s CPU")
    print("\(changedCount) shortened: \(shortening) s CPU")
case "--check-demangling"? where words.count == 1: checkDemangling()
case "--demangle"? where words.count == 2:
    printFrames(symbolize(words[1], readAddresses()), isReadable: true)
case let path? where words.count == 1 && !path.hasPrefix("-"):
    printFrames(symbolize(path, readAddresses()), isReadable: false)
default:
    fail(
        "usage: symbolize [--random COUNT SEED | --demangle | --quiet | --quiet-pool | --compare | --demangle-speed] FILE"
            + " | --check-demangling"
    )
}
