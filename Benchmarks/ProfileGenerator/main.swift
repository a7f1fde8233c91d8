// profile-generator SAMPLES DEPTH FILE: writes a profile of SAMPLES distinct stacks of DEPTH frames for benchmarks.
//
// The same arguments give the same file. `make bench-analyser` uses 1 000 000 × 40 and 50 000 × 40.

import Glibc
import Primitives
import ProfileModel
import ProfileWriter

func fail(_ message: String, status: Int32) -> Never {
    try? FileDescriptor(owning: STDERR_FILENO).write(Array((message + "\n").utf8).rawSpan)
    exit(status)
}

let numbers = CommandLine.arguments.dropFirst().prefix(2).compactMap(Int.init)
guard CommandLine.arguments.count == 4, numbers.count == 2, numbers.allSatisfy({ $0 > 0 }) else {
    fail("usage: profile-generator SAMPLES DEPTH FILE", status: 2)
}
do {
    // A small profile has few functions too, so that it takes no longer to read.
    let profile = syntheticProfile(samples: numbers[0], depth: numbers[1], functionCount: min(20_000, numbers[0]))
    try ProfileFile.write(profile, to: CommandLine.arguments[3])
} catch {
    fail("profile-generator: \(error)", status: 1)
}
