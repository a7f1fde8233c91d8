import Primitives
import ProfileModel

extension Profile {
    /// Adds what reports over samples and merging depend on: frames to drop, labels of every kind, samples that are there
    /// twice, and samples without values.
    mutating func addOddities(_ random: inout SeededGenerator) {
        if random.below(3) == 0 {
            dropFrames = intern(random.element(["a|b|c", "main.*", "std::.*|poll", "f.", "run", "(", ".*"]))
            if random.below(2) == 0 { keepFrames = intern(random.element(["main", "b", ".*x", "[", "poll"])) }
        }
        let count = samples.count
        guard count > 0 else { return }
        let kilobytes = intern("kilobytes")
        for _ in 0..<random.below(30) {
            let sample = samples[random.below(count)]
            var labels = Array(sample.labels)
            switch random.below(6) {
            case 0:
                labels.append(Label(key: intern("both"), string: intern("x")))
                labels.append(Label(key: intern("both"), number: 2, unit: .empty))
            case 1:
                labels.append(Label(key: intern("size"), number: Int64(random.below(9)), unit: intern("megabytes")))
                labels.append(Label(key: intern("size"), number: 5000, unit: kilobytes))
            case 2:
                labels.append(Label(key: intern("thread"), string: intern("value 1")))
                labels.append(Label(key: intern("thread"), string: intern("value \(random.below(3))")))
            case 3:
                labels.append(Label(key: intern("size"), number: 7, unit: .empty))
                labels.append(Label(key: intern("size"), number: 8, unit: kilobytes))
            case 4:
                labels.insert(Label(key: intern("alignment"), number: 64, unit: .empty), at: 0)
            default: break
            }
            let values = random.below(5) == 0 ? sample.values.map { _ in 0 } : Array(sample.values)
            addSample(locations: Array(sample.locations), values: values, labels: labels)
        }
    }
}
