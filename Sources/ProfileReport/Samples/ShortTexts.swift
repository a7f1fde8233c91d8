/// Texts that are put again and again, as bytes behind each other.
struct ShortTexts {
    /// The bytes of all texts.
    private(set) var bytes: [UInt8] = []
    /// By text, the offset behind its last byte.
    private var ends: [Int] = []

    /// Adds a text.
    mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
        ends.append(bytes.count)
    }

    /// Where the text at `index` lies in `bytes`.
    @inline(__always)
    func range(_ index: Int) -> Range<Int> {
        (index == 0 ? 0 : ends[index - 1])..<ends[index]
    }
}
