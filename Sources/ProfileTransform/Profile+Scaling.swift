public import ProfileModel

// Facts: github.com/google/pprof `profile/profile.go` (`ScaleN`) and `profile/merge.go` (`Normalize`).
extension Profile {
    /// Multiplies all values by `ratio`, rounded to whole numbers, and drops samples that are left without any value.
    public mutating func scale(by ratio: Double) {
        scale(by: Array(repeating: ratio, count: sampleTypes.count))
    }

    /// Multiplies the values by a ratio for each sample type.
    ///
    /// As in pprof, a type whose ratio is 1 does not save a sample whose other values have become 0.
    mutating func scale(by ratios: [Double]) {
        precondition(ratios.count == sampleTypes.count, "each sample type needs a ratio")
        if ratios.allSatisfy({ $0 == 1 }) { return }
        samples.mapValues { value, type in
            ratios[type] == 1 ? value : wholeNumber((Double(value) * ratios[type]).rounded(.toNearestOrAwayFromZero))
        }
        samples.keep(
            samples.indices.map { position in
                let row = position * ratios.count
                let keeps = ratios.indices.contains { ratios[$0] != 1 && samples.values[row + $0] != 0 }
                return keeps ? samples.locationRange(position) : nil
            })
    }

    /// Multiplies the values of each sample type by what makes their sum that of `base`; both have to have the same
    /// sample types.
    public mutating func normalize(to base: Profile) throws(ProfileMergeError) {
        try checkCompatible(with: base)
        let sums = sums(of: self)
        let baseSums = self.sums(of: base)
        scale(by: sums.indices.map { sums[$0] == 0 ? 0 : Double(baseSums[$0]) / Double(sums[$0]) })
    }

    private func sums(of profile: Profile) -> [Int64] {
        var sums = [Int64](repeating: 0, count: profile.sampleTypes.count)
        var type = 0
        for value in profile.samples.values {
            sums[type] &+= value
            type = type + 1 == sums.count ? 0 : type + 1
        }
        return sums
    }

    /// Throws unless both profiles have the same period type and sample types.
    func checkCompatible(with other: Profile) throws(ProfileMergeError) {
        let (period, otherPeriod) = (name(of: periodType), other.name(of: other.periodType))
        guard period == otherPeriod else { throw .incompatible(what: .periodType, period, otherPeriod) }
        let (types, otherTypes) = (sampleTypes.map(name), other.sampleTypes.map(other.name))
        guard types == otherTypes else { throw .differentSampleTypes(types, otherTypes) }
    }

    /// The texts of `type`; no type is one with empty texts.
    func name(of type: ValueType?) -> ProfileMergeError.ValueTypeName {
        ProfileMergeError.ValueTypeName(type: string(type?.type ?? .empty), unit: string(type?.unit ?? .empty))
    }
}

/// `value`, which has no fraction; what does not fit is the smallest number, as Go has it on x86-64.
func wholeNumber(_ value: Double) -> Int64 {
    Int64(exactly: value) ?? .min
}
