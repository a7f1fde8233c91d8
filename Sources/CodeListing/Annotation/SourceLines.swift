import ELF
import Primitives
import Symbolizer

/// Looks up where instructions come from in the sources, in worker processes: debug information is a stranger's input.
struct SourceLines {
    /// Instructions that are looked up at most; those behind keep what the profile says of them.
    static let instructionLimit = 500_000

    private let workerExecutable: String
    /// What was wrong with debug information, for the user.
    private(set) var notes: [String] = []

    /// - Parameter workerExecutable: See `SymbolizerPool.init`.
    init(workerExecutable: String) {
        self.workerExecutable = workerExecutable
    }

    /// Sets the functions around every instruction of `routines` by the debug information of their binaries. What was set by
    /// the profile stays where there is none.
    mutating func fill(_ routines: inout [Routine], binaries: [String: Binary]) {
        var wanted: [String: Set<UInt64>] = [:]
        var count = 0
        for routine in routines where count < Self.instructionLimit {
            wanted[routine.binaryPath, default: []].formUnion(routine.lines.map(\.instruction.address.value))
            count += routine.lines.count
        }
        var found: [String: [UInt64: [Routine.Frame]]] = [:]
        let paths = wanted.keys.sorted().filter { binaries[$0] != nil }
        let requests = paths.compactMap { path -> SymbolizeRequest? in
            guard let binary = binaries[path] else { return nil }
            return SymbolizeRequest(
                path: path, buildID: binary.image.buildID, file: binary.file,
                addresses: (wanted[path] ?? []).sorted().map { FileAddress($0) })
        }
        var pool = SymbolizerPool(workerExecutable: workerExecutable)
        for ((path, request), answer) in zip(zip(paths, requests), pool.symbolize(requests)) {
            switch answer {
            case .failure(let failure): notes.append(failure.description)
            case .success(let answer):
                notes += answer.warnings
                var frames: [UInt64: [Routine.Frame]] = [:]
                for (address, result) in zip(request.addresses, answer.addresses) {
                    frames[address.value] = result.frames.map {
                        Routine.Frame(
                            name: $0.displayName ?? $0.linkageName, systemName: $0.linkageName, file: $0.file,
                            line: Int64($0.line))
                    }
                }
                found[path] = frames
            }
        }
        for index in routines.indices {
            guard let frames = found[routines[index].binaryPath] else { continue }
            for line in routines[index].lines.indices {
                let address = routines[index].lines[line].instruction.address.value
                if let known = frames[address], !known.isEmpty { routines[index].lines[line].frames = known }
            }
        }
    }
}
