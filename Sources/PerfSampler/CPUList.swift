import Primitives

/// The kernel's text form of a set of CPUs: "0-3,5".
enum CPUList {
    /// The numbers in `text`; nil if it is not such a list. At most 65 536 CPUs.
    static func parse(_ text: String) -> [Int32]? {
        var numbers: [Int32] = []
        for part in text.split(separator: ",") {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int32($0) }
            guard let first = ends[0], let last = ends[ends.count - 1], ends.count <= 2, first >= 0, last >= first,
                last < 65_536
            else { return nil }
            numbers.append(contentsOf: first...last)
            guard numbers.count <= 65_536 else { return nil }
        }
        return numbers.isEmpty ? nil : numbers
    }

    /// The CPUs that are online now.
    static func online() -> [Int32] {
        text(ofSmallFile: "/sys/devices/system/cpu/online").flatMap(parse) ?? [0]
    }
}
