import Glibc

/// Whether the bytes of `left` come before those of `right`, which is how Go and C compare strings. Swift's `<` compares
/// characters after normalisation. O(length).
public func bytesPrecede(_ left: String, _ right: String) -> Bool {
    var (left, right) = (left, right)
    // The buffers are only read, and only within.
    return left.withUTF8 { first in
        right.withUTF8 { second in
            let length = min(first.count, second.count)
            guard length > 0, let start = first.baseAddress, let other = second.baseAddress else {
                return first.count < second.count
            }
            let order = unsafe memcmp(start, other, length)
            return order != 0 ? order < 0 : first.count < second.count
        }
    }
}
