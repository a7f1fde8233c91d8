import ELF
import Primitives
import ProfileModel
import RegularExpressions
import Symbolizer

/// Finds the machine code that a pattern asks for, decodes it, and adds what was measured.
///
/// A function is found by the names that the profile has for it and by the binary's own symbols, also where it was inlined: then
/// what is shown is its instructions within the functions around it. (pprof asks the binary's symbols only, and so finds no
/// inlined function: google/pprof issues 230 and 415.)
struct RoutineFinder {
    /// Bytes of code in one routine; what is behind them is left out.
    static let codeByteLimit = 1 << 20
    /// Routines in one listing.
    static let routineLimit = 2_000

    /// Where code stands: a function of a binary, or what was inlined into one.
    private struct Key: Hashable {
        var binary: ObjectIdentifier
        var start: FileAddress
        var inlined: FunctionIndex?
    }

    private struct Candidate {
        var binary: Binary
        var function: FunctionSymbols.Function
        var name: String
        var systemName: String
        /// The function that the code stands in.
        var hostName: String
        var aliases: [String]
        var inlined: FunctionIndex?
    }

    private struct Place {
        var binary: Binary
        var address: FileAddress
        var location: Int
    }

    private let profile: Profile
    private let pattern: CodePattern
    private let weights: LocationWeights
    private var binaries: Binaries
    /// Whether the pattern matches a function of the profile, by its position.
    private let matches: [Bool]
    /// The names to show of functions, by the linker's.
    private let displayNames: [String: String]
    private var places: [ObjectIdentifier: [Place]] = [:]
    private var candidates: [Key: Candidate] = [:]

    /// What could not be shown and why, for the user.
    private(set) var notes: [String] = []
    /// The binaries of the routines, by their paths.
    private(set) var binariesByPath: [String: Binary] = [:]

    /// Whether the pattern matches a function in which something was measured.
    var hasMatches: Bool {
        profile.locations.indices.contains { index in
            !weights.weights[index].isZero
                && profile.locations[index].lines.contains { matches[Int($0.function.rawValue)] }
        }
    }

    init(_ profile: Profile, pattern: CodePattern, weights: LocationWeights, binaries: Binaries) {
        self.profile = profile
        self.pattern = pattern
        self.weights = weights
        self.binaries = binaries
        var displayNames: [String: String] = [:]
        for function in profile.functions {
            displayNames[profile.string(function.systemName)] = profile.string(function.name)
        }
        self.displayNames = displayNames
        matches = profile.functions.map { function in
            pattern.expression.matches(profile.string(function.name))
                || pattern.expression.matches(profile.string(function.systemName))
        }
    }

    /// The routines, by name and address, without their lines' places in the sources (see `SourceLines`).
    mutating func find(intelSyntax: Bool) -> [Routine] {
        locate()
        var routines: [Routine] = []
        let sorted = candidates.values.sorted {
            ($0.name, $0.binary.path, $0.function.range.lowerBound)
                < ($1.name, $1.binary.path, $1.function.range.lowerBound)
        }
        if sorted.count > Self.routineLimit {
            let count = sorted.count - Self.routineLimit
            notes.append("\(count) more functions match and are not shown; use a narrower expression")
        }
        for candidate in sorted.prefix(Self.routineLimit) {
            if let routine = decode(candidate, intelSyntax: intelSyntax) { routines.append(routine) }
        }
        notes += binaries.notes
        return routines
    }

    // MARK: Which code

    private mutating func locate() {
        let wanted = mappingsOfInterest()
        for (index, location) in profile.locations.enumerated() {
            guard let mappingIndex = location.mapping, wanted[Int(mappingIndex.rawValue)],
                !weights.weights[index].isZero
            else { continue }
            let mapping = profile.mappings[Int(mappingIndex.rawValue)]
            guard let binary = binaries.binary(of: mapping, in: profile),
                let address = binary.fileAddress(of: location.address, in: mapping)
            else { continue }
            binariesByPath[binary.path] = binary
            places[ObjectIdentifier(binary), default: []]
                .append(Place(binary: binary, address: address, location: index))
            consider(location, at: address, in: binary)
        }
    }

    /// The mappings in which a function matches, or the address lies.
    private func mappingsOfInterest() -> [Bool] {
        var wanted = [Bool](repeating: pattern.address != nil, count: profile.mappings.count)
        for location in profile.locations {
            guard let mapping = location.mapping, !wanted[Int(mapping.rawValue)] else { continue }
            if location.lines.contains(where: { matches[Int($0.function.rawValue)] }) {
                wanted[Int(mapping.rawValue)] = true
            }
        }
        return wanted
    }

    private mutating func consider(_ location: Location, at address: FileAddress, in binary: Binary) {
        guard let function = binary.function(around: address) else { return }
        let outer = location.lines.last.map { Int($0.function.rawValue) }
        let symbols = function.names
        let isAddressed = pattern.address.map { wanted in
            location.address.value == wanted || function.range.contains(FileAddress(wanted))
        }
        if isAddressed == true || outer.map({ matches[$0] }) == true
            || symbols.contains(where: pattern.expression.matches)
        {
            let systemName = outer.map { profile.string(profile.functions[$0].systemName) } ?? symbols.first ?? ""
            let name = outer.map { profile.string(profile.functions[$0].name) } ?? symbols.first ?? "\(address)"
            let key = Key(binary: ObjectIdentifier(binary), start: function.range.lowerBound, inlined: nil)
            if candidates[key] == nil {
                candidates[key] = Candidate(
                    binary: binary, function: function, name: name, systemName: systemName, hostName: name,
                    aliases: isAddressed == true ? Array(symbols.dropFirst()) : [], inlined: nil)
            }
        }
        for line in location.lines.dropLast() where matches[Int(line.function.rawValue)] {
            let key = Key(binary: ObjectIdentifier(binary), start: function.range.lowerBound, inlined: line.function)
            if candidates[key] == nil {
                let inlined = profile.functions[Int(line.function.rawValue)]
                candidates[key] = Candidate(
                    binary: binary, function: function, name: profile.string(inlined.name),
                    systemName: profile.string(inlined.systemName),
                    hostName: outer.map { profile.string(profile.functions[$0].name) } ?? symbols.first ?? "",
                    aliases: [], inlined: line.function)
            }
        }
    }

    // MARK: The code

    private mutating func decode(_ candidate: Candidate, intelSyntax: Bool) -> Routine? {
        let range = candidate.function.range
        let disassembler: Disassembler
        do {
            disassembler = try Disassembler(candidate.binary.image.machine, intelSyntax: intelSyntax)
        } catch {
            if !notes.contains(error.description) { notes.append(error.description) }
            return nil
        }
        let instructions = disassembler.instructions(
            candidate.binary.code(in: range, limit: Self.codeByteLimit), at: range.lowerBound)
        guard !instructions.isEmpty else { return nil }
        var lines = instructions.map { instruction in
            Routine.Line(
                instruction: instruction, text: text(of: instruction, in: candidate), frames: [], weight: Weight(),
                startsBlock: false)
        }
        var total = Weight()
        for place in places[ObjectIdentifier(candidate.binary)] ?? [] where range.contains(place.address) {
            let location = profile.locations[place.location]
            if let inlined = candidate.inlined,
                !location.lines.dropLast().contains(where: { $0.function == inlined })
            {
                continue
            }
            let weight = weights.weights[place.location]
            total += weight
            guard let index = Self.line(around: place.address, in: instructions) else { continue }
            lines[index].weight += weight
            if lines[index].frames.isEmpty { lines[index].frames = frames(of: location) }
        }
        let host = candidate.inlined == nil ? nil : candidate.hostName
        return Routine(
            name: candidate.name, systemName: candidate.systemName, aliases: candidate.aliases, host: host,
            binaryPath: candidate.binary.path,
            range: range, lines: lines, total: total)
    }

    /// The instruction as objdump writes it: the target of a jump with the function that it lies in.
    private func text(of instruction: Instruction, in candidate: Candidate) -> String {
        guard let target = instruction.target else { return instruction.text }
        let digits = String(target.value, radix: 16)
        let plain = instruction.text.replacing("0x" + digits, with: digits)
        guard let function = candidate.binary.function(around: target) else { return plain }
        let offset = target.value - function.range.lowerBound.value
        let symbol = function.names.first ?? ""
        // Only names that the profile has demangled are readable: demanglers are for the workers.
        let name = function.range == candidate.function.range ? candidate.hostName : displayNames[symbol] ?? symbol
        return plain + " <" + name + (offset == 0 ? "" : "+0x" + String(offset, radix: 16)) + ">"
    }

    /// The places in the sources as the profile knows them.
    private func frames(of location: Location) -> [Routine.Frame] {
        location.lines.map { line in
            let function = profile.functions[Int(line.function.rawValue)]
            return Routine.Frame(
                name: profile.string(function.name), systemName: profile.string(function.systemName),
                file: profile.string(function.filename), line: line.line)
        }
    }

    /// The index of the instruction whose bytes `address` lies in: a caller's address is that of the byte before the return address.
    /// O(log(instructions)).
    static func line(around address: FileAddress, in instructions: [Instruction]) -> Int? {
        var low = 0
        var high = instructions.count
        while low < high {
            let middle = (low + high) / 2
            if instructions[middle].address <= address { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : low - 1
    }
}
