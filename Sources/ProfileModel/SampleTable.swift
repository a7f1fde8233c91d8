/// One distinct stack (with its labels) and what was measured on it: a view into a `SampleTable`.
public struct Sample: Sendable {
    /// The stack, leaf first.
    public let locations: ArraySlice<LocationIndex>
    /// One value for each sample type of the profile.
    public let values: ArraySlice<Int64>
    /// What else is known of it.
    public let labels: ArraySlice<Label>
}

/// The samples of a profile, stored flat: three arrays of numbers instead of three arrays per sample, so that a
/// million samples of 24 frames cost 4 bytes per frame and no allocation each.
public struct SampleTable: RandomAccessCollection, Sendable, Equatable {
    /// The number of values of every sample: the number of the profile's sample types.
    public let valuesPerSample: Int

    /// The stacks of all samples behind each other, each leaf first.
    public internal(set) var locations: [LocationIndex] = []
    /// For each sample the offset behind its last element in `locations`.
    public internal(set) var locationEnds: [Int] = []
    /// The values of all samples behind each other, `valuesPerSample` each.
    public internal(set) var values: [Int64] = []
    /// The labels of all samples behind each other.
    public internal(set) var labels: [Label] = []
    /// For each sample the offset behind its last element in `labels`.
    public internal(set) var labelEnds: [Int] = []

    /// An empty table for samples of `valuesPerSample` values each.
    public init(valuesPerSample: Int) {
        self.valuesPerSample = valuesPerSample
    }

    /// A table of samples that are already flat: what the decoder and the transformations make, which touch each
    /// number once.
    ///
    /// Unlike `append`, this takes over labels with empty text.
    ///
    /// - Parameters:
    ///   - locations: The stacks of all samples behind each other, each leaf first.
    ///   - locationEnds: For each sample the offset behind its last element in `locations`.
    ///   - values: `valuesPerSample` for each sample.
    ///   - labels: The labels of all samples behind each other.
    ///   - labelEnds: For each sample the offset behind its last element in `labels`.
    public init(
        valuesPerSample: Int, locations: [LocationIndex], locationEnds: [Int], values: [Int64], labels: [Label],
        labelEnds: [Int]
    ) {
        precondition(values.count == valuesPerSample * locationEnds.count, "each sample needs its values")
        precondition(labelEnds.count == locationEnds.count, "each sample needs an end of its labels")
        precondition((locationEnds.last ?? 0) == locations.count, "the last stack ends where the locations end")
        precondition((labelEnds.last ?? 0) == labels.count, "the last labels end where the labels end")
        self.valuesPerSample = valuesPerSample
        self.locations = locations
        self.locationEnds = locationEnds
        self.values = values
        self.labels = labels
        self.labelEnds = labelEnds
    }

    /// Always 0.
    public var startIndex: Int { 0 }

    /// The number of samples.
    public var endIndex: Int { locationEnds.count }

    /// The sample at `position`, without copying its parts.
    public subscript(position: Int) -> Sample {
        Sample(
            locations: locations[locationRange(position)],
            values: values[position * valuesPerSample..<(position + 1) * valuesPerSample],
            labels: labels[labelRange(position)])
    }

    /// Where the stack of the sample at `position` lies in `locations`.
    public func locationRange(_ position: Int) -> Range<Int> {
        (position == 0 ? 0 : locationEnds[position - 1])..<locationEnds[position]
    }

    /// Where the labels of the sample at `position` lie in `labels`.
    public func labelRange(_ position: Int) -> Range<Int> {
        (position == 0 ? 0 : labelEnds[position - 1])..<labelEnds[position]
    }

    /// Makes room for further samples, so that adding them does not move what is there.
    public mutating func reserveCapacity(samples: Int, locations: Int, labels: Int) {
        self.locations.reserveCapacity(self.locations.count + locations)
        locationEnds.reserveCapacity(locationEnds.count + samples)
        values.reserveCapacity(values.count + samples * valuesPerSample)
        self.labels.reserveCapacity(self.labels.count + labels)
        labelEnds.reserveCapacity(labelEnds.count + samples)
    }

    /// Adds a sample; labels with empty text say nothing and are left out. O(its parts).
    ///
    /// - Parameters:
    ///   - stack: The frames, leaf first.
    ///   - values: `valuesPerSample` values.
    public mutating func append(locations stack: [LocationIndex], values: [Int64], labels: [Label]) {
        precondition(values.count == valuesPerSample, "a sample needs one value for each sample type")
        locations.append(contentsOf: stack)
        locationEnds.append(locations.count)
        self.values.append(contentsOf: values)
        for label in labels where !label.isEmptyText { self.labels.append(label) }
        labelEnds.append(self.labels.count)
    }
}
