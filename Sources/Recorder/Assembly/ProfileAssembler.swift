internal import Primitives
internal import ProfileModel
internal import Symbolizer

/// Puts the counted stacks and their names together into a profile.
struct ProfileAssembler {
    /// What the values of the samples are.
    struct EventDescription {
        var name: String
        var unit: String
        /// What the weight of a sample of the event is called: `cpu` for clocks.
        var weightType: String
        /// What one unit of the event's own count is in `unit`; nil when it is the same.
        var weightScale: Double?
    }

    private var profile: Profile
    private let weightScales: [Double?]
    private var mappingByModule: [UInt32: [MappingIndex]] = [:]
    private var kernelMappings: [String: MappingIndex] = [:]
    private var quality: [MappingQuality] = []
    private var functions: [FunctionPlace: FunctionIndex] = [:]

    /// A function of a result in one of its source files. Results share functions, so most frames need no look-up of names,
    /// which are long: of 10 000 addresses of a large C++ program that took a quarter of the time after the last sample.
    private struct FunctionPlace: Hashable {
        let function: ObjectIdentifier
        let file: String
    }

    /// What holds of the locations of a mapping that were seen so far.
    private struct MappingQuality {
        /// Some address of it has a name. Every location has a function, be it a placeholder such as
        /// `[libc.so.6+0x27250]`; pprof looks for names of its own, and drops ours, in mappings that say they have none.
        var hasFunctions = false
        var hasFilenames = true
        var hasLineNumbers = true
        var hasInlineFrames = false
        var isUsed = false
    }

    init(events: [EventDescription]) {
        weightScales = events.map(\.weightScale)
        var types: [(type: String, unit: String)] = []
        for event in events {
            let countType = events.count == 1 ? "samples" : "\(event.name)_samples"
            types += [(countType, "count"), (event.weightType, event.unit)]
        }
        profile = Profile(sampleTypes: types)
        if let first = events.first { profile.defaultSampleType = profile.intern(first.weightType) }
    }

    /// The profile of `processor`'s stacks. `program` is the module to name first.
    consuming func assemble(
        _ processor: borrowing SampleProcessor, symbols: ResolvedSymbols, program: UInt32?
    ) -> Profile {
        let used = Self.usedModules(processor)
        if let program { addMappings(of: program, processor) }
        for module in used where module != program { addMappings(of: module, processor) }
        var indexes: [LocationIndex] = []
        indexes.reserveCapacity(processor.locations.positions.count)
        for (number, position) in processor.locations.positions.enumerated() {
            indexes.append(addLocation(position, symbols.addresses[number].frames, processor, symbols.kernel))
        }
        addSamples(processor, indexes)
        for index in profile.mappings.indices where quality[index].isUsed {
            profile.mappings[index].hasFunctions = quality[index].hasFunctions
            profile.mappings[index].hasFilenames = quality[index].hasFilenames
            profile.mappings[index].hasLineNumbers = quality[index].hasLineNumbers
            profile.mappings[index].hasInlineFrames = quality[index].hasInlineFrames
        }
        return profile
    }

    private static func usedModules(_ processor: borrowing SampleProcessor) -> [UInt32] {
        var isUsed = [Bool](repeating: false, count: processor.modules.modules.count)
        for position in processor.locations.positions where position.source.isModule {
            isUsed[Int(position.source.rawValue)] = true
        }
        return isUsed.indices.filter { isUsed[$0] }.map(UInt32.init)
    }

    private mutating func addMappings(of index: UInt32, _ processor: borrowing SampleProcessor) {
        let module = processor.modules.modules[Int(index)]
        for mapping in module.firstMappings {
            let added = profile.addMapping(
                addresses: mapping.range, fileOffset: mapping.fileOffset, filename: module.path,
                buildID: module.buildID)
            quality.append(MappingQuality())
            mappingByModule[index, default: []].append(added)
        }
    }

    // MARK: Locations

    private mutating func addLocation(
        _ position: CodePosition, _ frames: [SymbolizedFrame], _ processor: borrowing SampleProcessor,
        _ kernel: KernelLayout?
    ) -> LocationIndex {
        if position.source == .marker {
            let name = StackMarker(rawValue: position.position)?.name ?? "[unknown]"
            return profile.addLocation(
                mapping: nil, address: Address(0),
                lines: [Line(function: profile.addFunction(name: name, systemName: name), line: 0)])
        }
        let mapping: MappingIndex?
        let address: Address
        let placeholder: String
        if position.source == .kernel {
            address = Address(position.position)
            mapping = kernelMapping(of: address, kernel)
            placeholder = "[kernel+\(address)]"
        } else {
            let module = processor.modules.modules[Int(position.source.rawValue)]
            (mapping, address) = place(position, module)
            placeholder = module.placeholderName(
                ofPosition: processor.modules.functionStart(around: position.position, in: module) ?? position.position)
        }
        if let mapping { note(frames, of: Int(mapping.rawValue)) }
        let mark = position.isGuessed ? " [guessed]" : ""
        if frames.isEmpty {
            let function = profile.addFunction(name: placeholder + mark, systemName: placeholder)
            return profile.addLocation(mapping: mapping, address: address, lines: [Line(function: function, line: 0)])
        }
        let lines = frames.enumerated().map { index, frame in
            line(frame, mark: index == frames.count - 1 ? mark : "")
        }
        return profile.addLocation(mapping: mapping, address: address, lines: lines)
    }

    /// Where the first process that mapped the module had the position.
    private func place(_ position: CodePosition, _ module: Module) -> (MappingIndex?, Address) {
        guard let mappings = mappingByModule[position.source.rawValue] else {
            return (nil, Address(position.position))
        }
        if case .anonymous = module.kind {
            let isInside = module.firstMappings[0].range.contains(Address(position.position))
            return (isInside ? mappings[0] : nil, Address(position.position))
        }
        let offset = module.fileOffset(ofPosition: position.position)
        for (mapping, first) in zip(mappings, module.firstMappings) where first.fileOffset <= offset {
            let address = Address(first.range.lowerBound.value &+ (offset.value &- first.fileOffset.value))
            if first.range.contains(address) { return (mapping, address) }
        }
        return (nil, Address(position.position))
    }

    private mutating func kernelMapping(of address: Address, _ kernel: KernelLayout?) -> MappingIndex {
        let region = kernel?.region(of: address)
        // The name tells other tools that this is the kernel, and that no file on disk has its symbols.
        let name = region?.name ?? "[kernel.kallsyms]"
        if let known = kernelMappings[name] { return known }
        let everything = Address(1 << 63)..<Address(.max)
        let added = profile.addMapping(
            addresses: region?.range ?? everything, fileOffset: FileOffset(0), filename: name,
            buildID: region?.buildID)
        quality.append(MappingQuality())
        kernelMappings[name] = added
        return added
    }

    private mutating func note(_ frames: [SymbolizedFrame], of mapping: Int) {
        quality[mapping].isUsed = true
        if !frames.isEmpty { quality[mapping].hasFunctions = true }
        if frames.isEmpty || frames.contains(where: { $0.file.isEmpty }) { quality[mapping].hasFilenames = false }
        if frames.isEmpty || frames.contains(where: { $0.line == 0 }) { quality[mapping].hasLineNumbers = false }
        if frames.count > 1 { quality[mapping].hasInlineFrames = true }
    }

    private mutating func line(_ frame: SymbolizedFrame, mark: String) -> Line {
        let place = FunctionPlace(function: ObjectIdentifier(frame.function), file: frame.file)
        if mark.isEmpty, let known = functions[place] { return Line(function: known, line: Int64(frame.line)) }
        let function = profile.addFunction(
            name: (frame.displayName ?? frame.linkageName) + mark, systemName: frame.linkageName, file: frame.file,
            startLine: Int64(frame.startLine))
        // The results live until all locations are made: until then no other function has this identity.
        if mark.isEmpty { functions[place] = function }
        return Line(function: function, line: Int64(frame.line))
    }

    // MARK: Samples

    private mutating func addSamples(_ processor: borrowing SampleProcessor, _ indexes: [LocationIndex]) {
        let keys = LabelKeys(&profile)
        var threadLabels: [[Label]] = []
        for labels in processor.threads.labels { threadLabels.append(keys.labels(labels, &profile)) }
        for (number, entry) in processor.stacks.entries.enumerated() {
            let first = number * processor.stacks.valueCount
            var labels = threadLabels[Int(entry.labels)]
            if entry.cpu >= 0 { labels.append(keys.cpu(entry.cpu)) }
            profile.addSample(
                locations: processor.stacks.locations(of: entry).map { indexes[Int($0)] },
                values: scaled(processor.stacks.values[first..<(first + processor.stacks.valueCount)]),
                labels: labels)
        }
    }

    /// The values of one stack, a count and a weight for each event, in the units of the profile.
    private func scaled(_ counted: ArraySlice<Int64>) -> [Int64] {
        var values = Array(counted)
        for (event, scale) in weightScales.enumerated() {
            guard let scale else { continue }
            values[event * 2 + 1] = CycleTime.nanoseconds(values[event * 2 + 1], at: scale)
        }
        return values
    }

    /// The keys and units of the labels, interned once.
    private struct LabelKeys {
        let process, thread, threadName, processName, cpuKey: StringID

        init(_ profile: inout Profile) {
            process = profile.intern("pid")
            thread = profile.intern("tid")
            threadName = profile.intern("thread")
            processName = profile.intern("process")
            cpuKey = profile.intern("cpu")
        }

        // A unit of its own keeps a number of 0 in the file and viewers from taking it for a quantity of something.
        func labels(_ labels: ThreadLabels, _ profile: inout Profile) -> [Label] {
            [
                Label(key: process, number: Int64(labels.process.value), unit: process),
                Label(key: thread, number: Int64(labels.thread.value), unit: thread),
                Label(key: threadName, string: profile.intern(labels.threadName)),
                Label(key: processName, string: profile.intern(labels.processName)),
            ]
        }

        func cpu(_ cpu: Int32) -> Label {
            Label(key: cpuKey, number: Int64(cpu), unit: cpuKey)
        }
    }
}
