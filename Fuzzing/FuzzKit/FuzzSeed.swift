/// A sound input, from which damaged ones are made.
public struct FuzzSeed {
    let bytes: [UInt8]
    let places: [Range<Int>]?

    /// `places`: where damage matters; what lies outside them is left alone, and so is the length. Nil for everywhere.
    public init(_ bytes: [UInt8], places: [Range<Int>]? = nil) {
        self.bytes = bytes
        self.places = places?.map { $0.clamped(to: 0..<bytes.count) }.filter { !$0.isEmpty }
    }

    /// A text.
    public init(_ text: String) {
        self.init(Array(text.utf8))
    }
}
