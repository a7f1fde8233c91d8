/// The event names that perf gives to the kernel's generic events (enum perf_hw_id, perf_sw_ids, perf_hw_cache_id).
enum EventNames {
    static let hardware: [(String, UInt64)] = [
        ("cycles", 0), ("cpu-cycles", 0), ("instructions", 1), ("cache-references", 2), ("cache-misses", 3),
        ("branches", 4), ("branch-instructions", 4), ("branch-misses", 5), ("bus-cycles", 6),
        ("stalled-cycles-frontend", 7), ("idle-cycles-frontend", 7), ("stalled-cycles-backend", 8),
        ("idle-cycles-backend", 8), ("ref-cycles", 9),
    ]

    static let software: [(String, UInt64)] = [
        ("cpu-clock", 0), ("task-clock", 1), ("page-faults", 2), ("faults", 2), ("context-switches", 3), ("cs", 3),
        ("cpu-migrations", 4), ("migrations", 4), ("minor-faults", 5), ("major-faults", 6), ("alignment-faults", 7),
        ("emulation-faults", 8), ("dummy", 9), ("bpf-output", 10), ("cgroup-switches", 11),
    ]

    private static let caches = ["L1-dcache", "L1-icache", "LLC", "dTLB", "iTLB", "branch", "node"]

    private static let cacheOperations: [(String, UInt64)] = [
        ("loads", 0x0_0000), ("load-misses", 0x1_0000), ("stores", 0x0_0100), ("store-misses", 0x1_0100),
        ("prefetches", 0x0_0200), ("prefetch-misses", 0x1_0200),
    ]

    /// The codes of `name`; nil if it is unknown.
    static func code(of name: String) -> (type: UInt32, configuration: UInt64)? {
        if let found = hardware.first(where: { $0.0 == name }) { return (PerfType.hardware, found.1) }
        if let found = software.first(where: { $0.0 == name }) { return (PerfType.software, found.1) }
        for (cache, cacheName) in caches.enumerated() where name.hasPrefix(cacheName + "-") {
            let operation = name.dropFirst(cacheName.utf8.count + 1)
            if let found = cacheOperations.first(where: { $0.0 == operation }) {
                return (PerfType.cache, UInt64(cache) | found.1)
            }
        }
        return nil
    }

    /// Every name.
    static var all: [String] {
        ["cpu"] + hardware.map(\.0) + software.map(\.0)
            + caches.flatMap { cache in cacheOperations.map { cache + "-" + $0.0 } }
    }

    /// Up to four names that `name` may have been meant to be, best first.
    static func similar(to name: String) -> [String] {
        let wanted = Array(name.lowercased().utf8.prefix(64))
        let ranked = all.map { candidate in
            (candidate, distance(wanted, Array(candidate.lowercased().utf8)))
        }
        return ranked.filter { $0.1 <= max(2, wanted.count / 3) }.sorted { $0.1 < $1.1 }.prefix(4).map(\.0)
    }

    /// The Levenshtein distance.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, b) in right.enumerated() {
                let substituted = diagonal + (a == b ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substituted, row[j] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }
}

extension SamplingEvent {
    /// The names that `resolve` knows without tracepoints and raw codes.
    public static var knownNames: [String] { EventNames.all }
}
