internal import CLinux
internal import Glibc

/// Writes the types of the C++ library that everyone knows by a short name in that name.
///
/// `std::string` is an alias: a mangled name only has what it stands for, 67 characters of it, often several times.
package enum StandardTypeNames {
    /// One alias: what stands between `std::` and its first `basic_`, the rest of the type, and the name for both.
    private struct Alias {
        let namespace: StaticString
        let type: StaticString
        let short: StaticString
    }

    /// What libstdc++ and libc++ demangle to, and the names of the standard (ISO C++ 2020, [string.syn], [iosfwd.syn]).
    private static let aliases = [
        Alias(
            namespace: "std::__cxx11::",
            type: "basic_string<char, std::char_traits<char>, std::allocator<char> >", short: "std::string"),
        Alias(
            namespace: "std::__1::",
            type: "basic_string<char, std::__1::char_traits<char>, std::__1::allocator<char> >", short: "std::string"),
        Alias(namespace: "std::", type: "basic_string_view<char, std::char_traits<char> >", short: "std::string_view"),
        Alias(namespace: "std::", type: "basic_ostream<char, std::char_traits<char> >", short: "std::ostream"),
        Alias(namespace: "std::", type: "basic_istream<char, std::char_traits<char> >", short: "std::istream"),
        Alias(namespace: "std::__cxx11::", type: "basic_string<char>", short: "std::string"),
    ]

    /// What all the types begin with.
    private static let mark: StaticString = "basic_"

    /// `name` with the aliases in place of what they stand for. O(length). Most names hold none, so that what counts is how
    /// fast that is seen.
    package static func shorten(_ name: String) -> String {
        var name = name
        return name.withUTF8 { text in
            // The string keeps its bytes alive and unchanged meanwhile.
            unsafe shorten(UnsafeRawBufferPointer(text))
        } ?? name
    }

    /// Nil if there is nothing to replace.
    private static func shorten(_ name: UnsafeRawBufferPointer) -> String? {
        guard var found = unsafe nextMark(name, from: 0) else { return nil }
        var result: [UInt8] = []
        var copied = 0
        while true {
            var next = found + mark.utf8CodeUnitCount
            for alias in aliases {
                let start = found - alias.namespace.utf8CodeUnitCount
                guard start >= copied, unsafe holds(alias.namespace, name, at: start),
                    unsafe holds(alias.type, name, at: found)
                else { continue }
                unsafe result += name[copied..<start]
                unsafe result += UnsafeBufferPointer(start: alias.short.utf8Start, count: alias.short.utf8CodeUnitCount)
                next = found + alias.type.utf8CodeUnitCount
                // Demanglers keep two closing brackets apart, of which one has gone.
                if unsafe holds(" >", name, at: next) { next += 1 }
                copied = next
                break
            }
            guard let following = unsafe nextMark(name, from: next) else { break }
            found = following
        }
        if copied == 0 { return nil }
        unsafe result += name[copied...]
        return String(decoding: result, as: UTF8.self)
    }

    /// Where the mark is found at or behind `start`.
    private static func nextMark(_ name: UnsafeRawBufferPointer, from start: Int) -> Int? {
        let lastByte = mark.utf8CodeUnitCount - 1
        let first = SIMD16(repeating: unsafe mark.utf8Start[0])
        let last = SIMD16(repeating: unsafe mark.utf8Start[lastByte])
        var place = start
        // Sixteen places at once: those where neither the first nor the last byte fits are out.
        while place + 16 + lastByte <= name.count {
            let starts = unsafe name.loadUnaligned(fromByteOffset: place, as: SIMD16<UInt8>.self)
            let ends = unsafe name.loadUnaligned(fromByteOffset: place + lastByte, as: SIMD16<UInt8>.self)
            if any((starts .== first) .& (ends .== last)),
                let found = unsafe find(name, in: place..<place + 16 + lastByte)
            {
                return found
            }
            place += 16
        }
        return place < name.count ? unsafe find(name, in: place..<name.count) : nil
    }

    private static func find(_ name: UnsafeRawBufferPointer, in range: Range<Int>) -> Int? {
        guard let base = name.baseAddress else { return nil }
        let found = unsafe sprof_find(base + range.lowerBound, range.count, mark.utf8Start, mark.utf8CodeUnitCount)
        return unsafe found.map { unsafe $0 - base }
    }

    private static func holds(_ word: StaticString, _ name: UnsafeRawBufferPointer, at start: Int) -> Bool {
        guard let base = name.baseAddress, start >= 0, word.utf8CodeUnitCount <= name.count - start else {
            return false
        }
        return unsafe memcmp(word.utf8Start, base + start, word.utf8CodeUnitCount) == 0
    }
}
