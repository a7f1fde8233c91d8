/// Whether the bytes of `left` come before those of `right`, which is how Go and C compare strings. Swift's `<` compares
/// characters after normalisation.
public func bytesPrecede(_ left: String, _ right: String) -> Bool {
    left.utf8.lexicographicallyPrecedes(right.utf8)
}
