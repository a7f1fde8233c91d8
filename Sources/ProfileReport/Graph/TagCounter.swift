import Primitives
import ProfileModel

/// Adds up the values of samples by node and tag.
struct TagCounter {
    /// The text tags with their nodes.
    private(set) var textTags: [(node: Int, text: String, tag: NodeTags.Tag)] = []
    /// The numbers with their nodes and the names of the text tags that they came with.
    private(set) var numberTags: [(node: Int, text: String, tag: NodeTags.Tag)] = []

    private let profile: Profile
    private let isWanted: [Bool]
    private let bytesKey: StringID?
    private let baseLabel: Label?
    private let unit: String
    private let outputUnit: String

    // Numbers for the sequences of text labels of samples, and for what such sequences read as when sorted.
    private var labelNumbers = PairTable()
    private var sequences = PairTable()
    private var textOfSequence: [Int: Int] = [0: 0]
    private var texts = StringTable()

    // Numbers for what values print as.
    private var nameOfValue: [Int64: Int] = [:]
    private var valueNames = StringTable()

    // Finds tags: by node and text, and by that and the name of the value.
    private var nodeTexts = PairTable()
    private var textTagOfNodeText: [Int] = []
    private var numbersOfNodeText = PairTable()

    // The sample at hand.
    private var text = 0
    private var sampleValues: [(value: Int64, name: Int)] = []

    /// Nil if no label of the profile is shown in graphs.
    init?(_ context: ReportContext, _ nodes: ArraySlice<Int>, nodeCount: Int) {
        let labels = context.profile.samples.labels
        if labels.isEmpty { return nil }
        profile = context.profile
        bytesKey = profile.strings.identifier(of: "bytes")
        baseLabel = SampleValues.baseLabel(of: profile)
        unit = context.numericLabelUnits["bytes"] ?? "bytes"
        outputUnit = context.options.unit
        var isWanted = [Bool](repeating: false, count: nodeCount)
        for node in nodes { isWanted[node] = true }
        self.isWanted = isWanted
    }

    /// Reads the labels of a sample.
    mutating func begin(_ sample: Int) {
        let samples = profile.samples
        var sequence = 0
        sampleValues.removeAll(keepingCapacity: true)
        let range = samples.labelRange(sample)
        for position in range {
            let label = samples.labels[position]
            switch label.value {
            case .string(let value):
                if label == baseLabel { continue }
                let number = labelNumbers.number(Int(label.key.rawValue), Int(value.rawValue)).number
                sequence = sequences.number(sequence, number).number + 1
            case .number(let value, _):
                if label.key == bytesKey { sampleValues.append((value, name(of: value))) }
            }
        }
        if let known = textOfSequence[sequence] {
            text = known
        } else {
            text = Int(texts.intern(joined(samples.labels[range])).rawValue)
            textOfSequence[sequence] = text
        }
    }

    private func joined(_ labels: ArraySlice<Label>) -> String {
        var parts: [String] = []
        for label in labels where label != baseLabel {
            guard case .string(let value) = label.value else { continue }
            parts.append(profile.string(label.key) + ":" + profile.string(value))
        }
        return parts.sorted(by: bytesPrecede).joined(separator: "\\n")
    }

    private mutating func name(of value: Int64) -> Int {
        if let known = nameOfValue[value] { return known }
        let name = Int(valueNames.intern(Measurement.label(value, from: unit, to: outputUnit)).rawValue)
        nameOfValue[value] = name
        return name
    }

    /// Adds the value of the sample at hand to the tags of `node`.
    mutating func add(_ value: (value: Int64, divisor: Int64), to node: Int, isFlat: Bool) {
        if !isWanted[node] || text == 0 && sampleValues.isEmpty { return }
        let name = texts[StringID(rawValue: UInt32(text))]
        let (nodeText, isNew) = nodeTexts.number(node, text)
        if isNew {
            textTagOfNodeText.append(text == 0 ? -1 : textTags.count)
            if text != 0 { textTags.append((node, name, NodeTags.Tag(name: name))) }
        }
        let tag = textTagOfNodeText[nodeText]
        if tag >= 0 { Self.add(value, to: &textTags[tag].tag, isFlat) }
        for (number, valueName) in sampleValues {
            let (tag, isNew) = numbersOfNodeText.number(nodeText, valueName)
            if isNew {
                let label = valueNames[StringID(rawValue: UInt32(valueName))]
                numberTags.append((node, name, NodeTags.Tag(name: label, value: number, unit: unit)))
            }
            Self.add(value, to: &numberTags[tag].tag, isFlat)
        }
    }

    private static func add(_ value: (value: Int64, divisor: Int64), to tag: inout NodeTags.Tag, _ isFlat: Bool) {
        if isFlat {
            tag.flat &+= value.value
            tag.flatDivisor &+= value.divisor
        } else {
            tag.cumulative &+= value.value
            tag.cumulativeDivisor &+= value.divisor
        }
    }
}
