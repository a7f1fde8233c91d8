import ELF
public import Primitives
public import ProfileModel
public import Symbolizer

/// Gives names and lines to the addresses of a profile that has none for them, from the binaries on this machine.
///
/// As pprof's local symbolization (google/pprof `internal/symbolizer`): mapping by mapping, and only those that say that they have no
/// functions. Files are read in worker processes, and only if their build IDs are those of the profile.
public struct LocalSymbolization {
    /// What happened, for the user.
    public struct Result: Sendable {
        /// The number of addresses that got a name.
        public var namedCount = 0
        /// The number of addresses that were looked up.
        public var addressCount = 0
        /// Which files were missing, were other builds, or were damaged.
        public var notes: [String] = []
    }

    private let workerExecutable: String
    private let force: Bool

    /// - Parameters:
    ///   - force: Look up also what has names already.
    ///   - workerExecutable: See `SymbolizerPool.init`.
    public init(force: Bool = false, workerExecutable: String = "/proc/self/exe") {
        self.force = force
        self.workerExecutable = workerExecutable
    }

    /// Looks up the addresses of `profile`. Starts no process where there is nothing to look up.
    public func fill(_ profile: inout Profile, binaries: inout Binaries) -> Result {
        var result = Result()
        var requests: [SymbolizeRequest] = []
        var places: [[UInt64: [Int]]] = []
        var mappings: [Int] = []
        let locationsByMapping = profile.locationsByMapping
        for (index, mapping) in profile.mappings.enumerated() where force || !mapping.hasFunctions {
            let locations = locationsByMapping[index].filter { force || profile.locations[$0].lines.isEmpty }
            guard !locations.isEmpty, let binary = binaries.binary(of: mapping, in: profile) else { continue }
            var byAddress: [UInt64: [Int]] = [:]
            for location in locations {
                if let address = binary.fileAddress(of: profile.locations[location].address, in: mapping) {
                    byAddress[address.value, default: []].append(location)
                }
            }
            guard !byAddress.isEmpty else { continue }
            result.addressCount += byAddress.count
            requests.append(
                SymbolizeRequest(
                    path: binary.path, buildID: binary.image.buildID, file: binary.file,
                    addresses: byAddress.keys.sorted().map { FileAddress($0) }))
            places.append(byAddress)
            mappings.append(index)
        }
        result.notes = binaries.notes
        guard !requests.isEmpty else { return result }
        var pool = SymbolizerPool(workerExecutable: workerExecutable)
        let answers = pool.symbolize(requests)
        for (number, answer) in answers.enumerated() {
            switch answer {
            case .failure(let failure): result.notes.append(failure.description)
            case .success(let answer):
                result.notes += answer.warnings
                let named = take(answer, requests[number], places[number], into: &profile)
                result.namedCount += named
                if named > 0 { mark(&profile.mappings[mappings[number]], answer) }
            }
        }
        return result
    }

    private func take(
        _ answer: SymbolizeAnswer, _ request: SymbolizeRequest, _ places: [UInt64: [Int]], into profile: inout Profile
    ) -> Int {
        var named = 0
        for (address, found) in zip(request.addresses, answer.addresses) where !found.frames.isEmpty {
            named += 1
            let lines = found.frames.map { frame in
                Line(
                    function: profile.addFunction(
                        // Made readable later, as every name that is only a linkage name, and as far as the user wants.
                        name: frame.linkageName, systemName: frame.linkageName, file: frame.file,
                        startLine: Int64(frame.startLine)),
                    line: Int64(frame.line))
            }
            for location in places[address.value] ?? [] { profile.locations[location].lines = lines }
        }
        return named
    }

    private func mark(_ mapping: inout Mapping, _ answer: SymbolizeAnswer) {
        mapping.hasFunctions = true
        for address in answer.addresses {
            if address.frames.contains(where: { !$0.file.isEmpty }) { mapping.hasFilenames = true }
            if address.frames.contains(where: { $0.line != 0 }) { mapping.hasLineNumbers = true }
            if address.frames.count > 1 { mapping.hasInlineFrames = true }
        }
    }
}
