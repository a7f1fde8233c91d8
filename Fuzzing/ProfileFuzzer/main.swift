// profile-fuzzer: tries made-up profiles on the reader, the transformations and the reports, and made-up code on the
// disassembler.
//
// See FuzzRunner for its arguments; `make fuzz` runs it for FUZZ_SECONDS on each target.

import ELF
import FuzzKit
import Primitives
import ProfileReader
import ProfileWriter

/// Profiles may have 16 MiB when decompressed, so that a zip bomb is a quick try.
let byteLimit = 1 << 24
let messages = FuzzSeeds.messages()
let files = messages.compactMap { try? Gzip.compress($0.rawSpan) }

FuzzRunner.main([
    FuzzTarget("profile-message", seeds: messages) { bytes in
        let profile = try ProfileReader.decode(bytes, byteLimit: byteLimit)
        // What was accepted has to be a profile.
        FuzzPipeline.check(profile)
    },
    FuzzTarget("profile-gzip", seeds: files) { bytes in
        _ = try ProfileReader.decode(bytes, byteLimit: byteLimit)
    },
    FuzzTarget("profile-reports", seeds: messages) { bytes in
        try FuzzPipeline.run(bytes, byteLimit: byteLimit)
    },
    MachineCodeTarget.target("machine-code-x86_64", .x86_64),
    MachineCodeTarget.target("machine-code-arm64", .arm64),
])
