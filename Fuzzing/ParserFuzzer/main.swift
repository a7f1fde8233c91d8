// parser-fuzzer: tries damaged input on what reads the bytes of the kernel, of programs and of sampled processes.
//
// See FuzzRunner for its arguments; `make fuzz` runs it for FUZZ_SECONDS on each target.

import FuzzKit

let folder = SampleFolder()
FuzzRunner.main(
    samplingTargets() + textTargets(folder) + unwindingTargets(folder) + symbolizingTargets(folder) + cxxTargets())
