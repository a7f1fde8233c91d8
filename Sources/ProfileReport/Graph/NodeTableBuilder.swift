import Primitives
import ProfileModel

/// Finds nodes while a table of them is made.
struct NodeTableBuilder {
    var texts = StringTable()
    var infos: [NodeInfo] = []
    var functions: [Int32] = []

    private let profile: Profile
    private let granularity: ReportOptions.Granularity
    private let options: ReportOptions
    private let tellsBinariesApart: Bool
    private let prefixes: SourcePrefixes?
    private var known: [NodeInfo: Int32] = [:]

    private let showsNames: Bool
    private let showsFiles: Bool
    private let showsLines: Bool
    private let showsColumns: Bool
    private let showsAddresses: Bool

    /// By function, its name and file in `texts`.
    private var functionTexts: [(name: StringID, file: StringID)] = []
    /// By function, the node that all its lines are, where nothing but the name counts; -1 if not known yet.
    private var nodeOfFunction: [Int32]

    init(
        _ profile: Profile, _ granularity: ReportOptions.Granularity, _ options: ReportOptions,
        _ tellsBinariesApart: Bool, _ prefixes: SourcePrefixes?
    ) {
        self.profile = profile
        self.granularity = granularity
        self.options = options
        self.tellsBinariesApart = tellsBinariesApart
        self.prefixes = prefixes
        showsNames = granularity != .files
        showsFiles = granularity != .functions
        showsLines = granularity == .lines || granularity == .addresses
        // At addresses nothing is merged and so nothing hidden, unless inlined calls are.
        showsColumns = showsLines && (options.showColumns || granularity == .addresses && !options.noInlines)
        showsAddresses = granularity == .addresses
        nodeOfFunction = Array(repeating: -1, count: profile.functions.count)
        var files: [StringID: StringID] = [:]
        functionTexts.reserveCapacity(profile.functions.count)
        for function in profile.functions {
            let name = showsNames ? texts.intern(profile.string(function.name)) : .empty
            var file = StringID.empty
            if showsFiles, !function.filename.isEmpty {
                if let cleaned = files[function.filename] {
                    file = cleaned
                } else {
                    let path = profile.string(function.filename)
                    file = texts.intern(cleanPath(prefixes?.removed(from: path) ?? path))
                    files[function.filename] = file
                }
            }
            functionTexts.append((name, file))
        }
    }

    /// The node of a location of which nothing is known but its address.
    mutating func node(_ location: Location) -> Int32 {
        var info = NodeInfo()
        info.address = showsAddresses ? location.address.value : 0
        info.object = object(of: location)
        return node(info, function: -1)
    }

    /// The node of a line of a location.
    mutating func node(_ location: Location, _ line: Line) -> Int32 {
        let function = Int(line.function.rawValue)
        let (name, file) = functionTexts[function]
        let isPlain = granularity == .functions && !tellsBinariesApart && !name.isEmpty
        if isPlain, nodeOfFunction[function] >= 0 { return nodeOfFunction[function] }
        var info = NodeInfo(name: name, file: file)
        if showsAddresses { info.address = location.address.value }
        if showsLines { info.line = line.line }
        if showsColumns { info.column = line.column }
        if tellsBinariesApart || name.isEmpty {
            info.object = object(of: location)
            info.startLine = profile.functions[function].startLine
        }
        let found = node(info, function: Int32(function))
        if isPlain { nodeOfFunction[function] = found }
        return found
    }

    private mutating func object(of location: Location) -> StringID {
        guard let mapping = location.mapping else { return .empty }
        return texts.intern(profile.string(profile.mappings[Int(mapping.rawValue)].filename))
    }

    private mutating func node(_ info: NodeInfo, function: Int32) -> Int32 {
        if let node = known[info] { return node }
        let node = Int32(infos.count)
        infos.append(info)
        functions.append(function)
        known[info] = node
        return node
    }
}
