import Primitives
public import ProfileModel

/// A profile as JSON, for scripts: everything that profile.proto holds, under its field names, with strings in place.
///
/// Ids are positions plus 1, as sprof writes them into profile.proto. Addresses are hexadecimal strings: those of a
/// kernel do not fit into the numbers of JavaScript. Each mapping, function, location and sample has a line of its own.
public enum ProfileJSON {
    /// Hands the text to `output` as UTF-8, piece by piece. O(size of the profile).
    public static func write<Failure: Error>(
        _ profile: Profile, to output: @escaping ([UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        var text = TextPieces(to: output)
        text.bytes.append(UInt8(ascii: "{"))
        for (name, value) in members(profile) {
            JSON.quote(name, to: &text.bytes)
            text.bytes.append(UInt8(ascii: ":"))
            value.write(to: &text.bytes)
            text.bytes += ",\n".utf8
        }
        try list("mappings", profile.mappings.indices, to: &text) { mapping($0, profile) }
        text.bytes += ",\n".utf8
        try list("functions", profile.functions.indices, to: &text) { function($0, profile) }
        text.bytes += ",\n".utf8
        try list("locations", profile.locations.indices, to: &text) { location($0, profile) }
        text.bytes += ",\n".utf8
        try list("samples", profile.samples.indices, to: &text) { sample(profile.samples[$0], profile) }
        text.bytes += "}\n".utf8
        try text.finish()
    }

    /// What is said of the profile as a whole.
    private static func members(_ profile: Profile) -> [(String, JSON)] {
        [
            ("sample_types", .array(profile.sampleTypes.map { json($0, profile) })),
            ("default_sample_type", .string(profile.string(profile.defaultSampleType))),
            ("period_type", profile.periodType.map { json($0, profile) } ?? .null),
            ("period", .number(profile.period)),
            ("time_nanos", .number(profile.timeNanoseconds)),
            ("duration_nanos", .number(profile.durationNanoseconds)),
            ("comments", .array(profile.comments.map { .string(profile.string($0)) })),
            ("doc_url", .string(profile.string(profile.docURL))),
            ("drop_frames", .string(profile.string(profile.dropFrames))),
            ("keep_frames", .string(profile.string(profile.keepFrames))),
        ]
    }

    private static func list<Failure: Error>(
        _ name: String, _ indices: Range<Int>, to text: inout TextPieces<Failure>, _ element: (Int) -> JSON
    ) throws(Failure) {
        JSON.quote(name, to: &text.bytes)
        text.bytes += ":[".utf8
        for index in indices {
            if index > 0 { text.bytes += ",\n".utf8 }
            element(index).write(to: &text.bytes)
            try text.advance()
        }
        text.bytes.append(UInt8(ascii: "]"))
    }

    private static func json(_ type: ValueType, _ profile: Profile) -> JSON {
        .object([("type", .string(profile.string(type.type))), ("unit", .string(profile.string(type.unit)))])
    }

    private static func mapping(_ index: Int, _ profile: Profile) -> JSON {
        let mapping = profile.mappings[index]
        return .object([
            ("id", .number(Int64(index) + 1)),
            ("memory_start", .string(mapping.start.description)),
            ("memory_limit", .string(mapping.limit.description)),
            ("file_offset", .string(mapping.fileOffset.description)),
            ("filename", .string(profile.string(mapping.filename))),
            ("build_id", .string(profile.string(mapping.buildID))),
            ("has_functions", .bool(mapping.hasFunctions)),
            ("has_filenames", .bool(mapping.hasFilenames)),
            ("has_line_numbers", .bool(mapping.hasLineNumbers)),
            ("has_inline_frames", .bool(mapping.hasInlineFrames)),
        ])
    }

    private static func function(_ index: Int, _ profile: Profile) -> JSON {
        let function = profile.functions[index]
        return .object([
            ("id", .number(Int64(index) + 1)),
            ("name", .string(profile.string(function.name))),
            ("system_name", .string(profile.string(function.systemName))),
            ("filename", .string(profile.string(function.filename))),
            ("start_line", .number(function.startLine)),
        ])
    }

    private static func location(_ index: Int, _ profile: Profile) -> JSON {
        let location = profile.locations[index]
        return .object([
            ("id", .number(Int64(index) + 1)),
            ("mapping_id", .number(location.mapping.map { Int64($0.rawValue) + 1 } ?? 0)),
            ("address", .string(location.address.description)),
            ("is_folded", .bool(location.isFolded)),
            (
                "lines",
                .array(
                    location.lines.map { line in
                        .object([
                            ("function_id", .number(Int64(line.function.rawValue) + 1)),
                            ("line", .number(line.line)), ("column", .number(line.column)),
                        ])
                    })
            ),
        ])
    }

    private static func sample(_ sample: Sample, _ profile: Profile) -> JSON {
        .object([
            ("location_ids", .array(sample.locations.map { .number(Int64($0.rawValue) + 1) })),
            ("values", .array(sample.values.map(JSON.number))),
            ("labels", .array(sample.labels.map { label($0, profile) })),
        ])
    }

    private static func label(_ label: Label, _ profile: Profile) -> JSON {
        let key = ("key", JSON.string(profile.string(label.key)))
        switch label.value {
        case .string(let text): return .object([key, ("str", .string(profile.string(text)))])
        case .number(let number, let unit):
            return .object([key, ("num", .number(number)), ("num_unit", .string(profile.string(unit)))])
        }
    }
}
