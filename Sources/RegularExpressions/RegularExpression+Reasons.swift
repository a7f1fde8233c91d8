extension RegularExpression.Malformed {
    /// The reason in the words of Go, and so of pprof, for what libre2 gives as a reason.
    ///
    /// Facts: github.com/google/re2 `re2/regexp.cc` (`kErrorStrings`) and go.dev `regexp/syntax` (`ErrorCode`).
    var goReason: String {
        let words = [
            ("invalid escape sequence", "invalid escape sequence"),
            ("invalid character class range", "invalid character class range"),
            ("invalid character class", "invalid character class"),
            ("missing ]", "missing closing ]"),
            ("missing )", "missing closing )"),
            ("unexpected )", "unexpected )"),
            ("trailing \\", "trailing backslash at end of expression"),
            ("no argument for repetition operator", "missing argument to repetition operator"),
            ("invalid repetition size", "invalid repeat count"),
            ("bad repetition operator", "invalid nested repetition operator"),
            ("invalid perl operator", "invalid or unsupported Perl syntax"),
            ("invalid UTF-8", "invalid UTF-8"),
            ("invalid named capture group", "invalid named capture"),
        ]
        for (theirs, go) in words {
            if reason == theirs { return "\(go): ``" }
            if reason.hasPrefix(theirs + ": ") { return "\(go): `\(reason.dropFirst(theirs.utf8.count + 2))`" }
        }
        return reason
    }
}
