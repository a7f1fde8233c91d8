internal import CRE2

/// A regular expression in the syntax of RE2, which is that of Go and so of pprof. A match takes time linear in the
/// text, whatever the expression; so expressions of strangers are safe.
///
/// Syntax: github.com/google/re2 `doc/syntax.txt`.
public final class RegularExpression: Sendable {
    /// The expression as it was written.
    public let pattern: String

    /// Made once, never changed, and given back by `deinit`; libre2's `Match` may run on several threads at once.
    private nonisolated(unsafe) let handle: OpaquePointer

    /// Why a text is no regular expression.
    public struct Malformed: Error, Hashable, Sendable, CustomStringConvertible {
        /// The expression as it was written.
        public let pattern: String
        /// What is wrong with it, in libre2's words.
        public let reason: String

        /// The reason, in the words of Go.
        public var description: String { "error parsing regexp: \(goReason)" }
    }

    /// The expression in `pattern`. O(length), with libre2's limit of 8 MB on what it becomes.
    public init(_ pattern: String) throws(Malformed) {
        var error = [CChar](repeating: 0, count: 512)
        var copy = pattern
        let made: OpaquePointer? = unsafe copy.withUTF8 { bytes in
            unsafe error.withUnsafeMutableBufferPointer { room -> OpaquePointer? in
                guard let start = room.baseAddress else { return nil }
                return unsafe sprof_re2_new(bytes.baseAddress, bytes.count, start, room.count)
            }
        }
        guard let made = unsafe made else {
            let reason = error.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            throw Malformed(pattern: pattern, reason: String(decoding: reason, as: UTF8.self))
        }
        self.pattern = pattern
        unsafe handle = made
    }

    deinit { unsafe sprof_re2_free(handle) }

    /// Whether `text` contains a match. O(length).
    public func matches(_ text: String) -> Bool {
        var copy = text
        return unsafe copy.withUTF8 { bytes in
            unsafe sprof_re2_matches(handle, bytes.baseAddress, bytes.count)
        }
    }
}
