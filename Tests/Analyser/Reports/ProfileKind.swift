import Primitives
import ProfileModel

/// The kinds of profiles that reports are compared on. Each is small, random, and the same for the same seed.
enum ProfileKind: String, CaseIterable {
    case cpu
    case heap
    case contention
    case manyTypes
    case negative
    case noMappings
    case unsymbolized
    case inlined
    case recursive
    case namesOfManyLanguages
    case swiftNames
    case labelled
    case empty

    /// A profile of this kind.
    func profile(seed: UInt64) -> Profile {
        var random = SeededGenerator(seed: seed &* 1000 &+ UInt64(ProfileKind.allCases.firstIndex(of: self) ?? 0))
        var profile = Profile(sampleTypes: sampleTypes)
        addMappings(to: &profile, &random)
        let locations = addLocations(to: &profile, &random)
        describe(&profile, &random)
        if self == .empty { return profile }
        let width = sampleTypes.count
        let depth = self == .recursive ? 14 : 7
        // A few paths to the root that stacks share, as those of real programs do.
        let roots = (0..<4).map { _ in (0..<random.below(4)).map { _ in locations[random.below(locations.count)] } }
        var known: Set<[LocationIndex]> = []
        for _ in 0..<(20 + random.below(60)) {
            var stack = (0..<(1 + random.below(depth))).map { _ in locations[random.below(locations.count)] }
            if self == .recursive, random.below(2) == 0 { stack += stack }
            stack += roots[random.below(roots.count)]
            // What is there twice is added up by pprof of July 2022 when it reads a file, and by the newest is not.
            guard known.insert(stack).inserted else { continue }
            let count = Int64(random.below(8) == 0 ? 1000 : 1 + random.below(30))
            let sign: Int64 = self == .negative && random.below(2) == 0 ? -1 : 1
            let values = (0..<width).map { position -> Int64 in
                position == 0 ? sign * count : sign * count * Int64(1 + random.below(3_000_000))
            }
            profile.addSample(locations: stack, values: values, labels: labels(in: &profile, &random))
        }
        return profile
    }

    private var sampleTypes: [(String, String)] {
        switch self {
        case .heap:
            [
                ("alloc_objects", "count"), ("alloc_space", "bytes"), ("inuse_objects", "count"),
                ("inuse_space", "bytes"),
            ]
        case .contention: [("contentions", "count"), ("delay", "nanoseconds")]
        case .manyTypes:
            [("events", "count"), ("cost", "gcu"), ("wait", "ms"), ("size", "kilobytes"), ("x", "widgets")]
        case .unsymbolized: [("samples", "count")]
        default: [("samples", "count"), ("cpu", "nanoseconds")]
        }
    }

    private func describe(_ profile: inout Profile, _ random: inout SeededGenerator) {
        if self == .cpu || self == .negative {
            profile.durationNanoseconds = Int64(1 + random.below(100)) * 1_234_567_890
            profile.addComment("made for a test")
            profile.addComment("#hidden")
        }
        if self == .heap {
            profile.durationNanoseconds = 5
            if PprofProgram.isNewest { profile.docURL = profile.intern("https://example.org/\"doc\"") }
            profile.defaultSampleType = profile.intern("inuse_space")
            profile.dropFrames = profile.intern("runtime\\.mallocgc|operator new.*|Foo::Bar::baz")
            profile.keepFrames = profile.intern("operator new1.*")
        }
        if self == .contention { profile.setPeriod(3, type: "contentions", unit: "count") }
        if self == .manyTypes { profile.defaultSampleType = profile.intern("wait") }
        if PprofProgram.isNewest, self == .labelled { profile.timeNanoseconds = 1_700_000_000_123_456_789 }
    }

    private func addMappings(to profile: inout Profile, _ random: inout SeededGenerator) {
        if self == .noMappings { return }
        for (number, name) in ["/usr/bin/program", "/lib/libfirst.so", "/lib/lib second.so", "[vdso]"].enumerated() {
            let start = UInt64(number + 1) << 20
            _ = profile.addMapping(
                addresses: Address(start)..<Address(start + 1 << 19), fileOffset: FileOffset(0), filename: name,
                buildID: random.below(2) == 0 ? BuildID([0xab, UInt8(number)]) : nil)
            // Else pprof looks for the file.
            let isKnown = self != .unsymbolized
            profile.mappings[number].hasFunctions = isKnown
            profile.mappings[number].hasFilenames = isKnown
            profile.mappings[number].hasLineNumbers = isKnown
        }
    }

    private func addLocations(to profile: inout Profile, _ random: inout SeededGenerator) -> [LocationIndex] {
        let count = 30 + random.below(30)
        let functions = (0..<(10 + random.below(20))).map { number in
            let (name, system) = name(number, &random)
            let file = random.below(8) == 0 ? "" : "/src/dir\(number % 2)/./sub//../file \(number % 7).cc"
            return profile.addFunction(
                name: name, systemName: system, file: file, startLine: Int64(random.below(3) * 10))
        }
        return (0..<count).map { number in
            let mapping = profile.mappings.isEmpty ? nil : random.below(4)
            let address = UInt64((mapping ?? 0) + 1) << 20 + UInt64(number * 16 + random.below(16))
            var lines: [Line] = []
            let lineCount =
                self == .unsymbolized || random.below(12) == 0 ? 0 : self == .inlined ? 1 + random.below(4) : 1
            for _ in 0..<(lineCount == 1 && random.below(5) == 0 ? 2 : lineCount) {
                let column = PprofProgram.isNewest ? Int64(random.below(3)) : 0
                lines.append(
                    Line(
                        function: functions[random.below(functions.count)], line: Int64(random.below(40)),
                        column: column))
            }
            return profile.addLocation(
                mapping: random.below(15) == 0 ? nil : mapping.map { MappingIndex(rawValue: UInt32($0)) },
                address: Address(random.below(20) == 0 ? 0 : address), lines: lines)
        }
    }

    private func name(_ number: Int, _ random: inout SeededGenerator) -> (name: String, system: String) {
        let list =
            switch self {
            case .namesOfManyLanguages: Self.manyNames + (PprofProgram.isNewest ? Self.newNames : [])
            case .swiftNames: Self.namesOfSwift
            default: Self.plainNames
            }
        let name = list[random.below(list.count)]
        if self == .swiftNames || random.below(3) == 0 {
            return (name + (number % 3 == 0 ? "" : "\(number)"), "_x\(number)")
        }
        return (name, name)
    }

    private func labels(in profile: inout Profile, _ random: inout SeededGenerator) -> [Label] {
        var labels: [Label] = []
        if self == .heap || self == .labelled && random.below(2) == 0 {
            let size = Int64(1) << Int64(random.below(20)) + Int64(random.below(3) * 7)
            labels.append(
                Label(
                    key: profile.intern("bytes"), number: size,
                    unit: self == .labelled ? profile.intern("bytes") : .empty))
        }
        if self == .labelled {
            for key in ["thread", "request", "a.b"] where random.below(3) == 0 {
                labels.append(Label(key: profile.intern(key), string: profile.intern("value \(random.below(4))")))
            }
            if random.below(4) == 0 {
                labels.append(Label(key: profile.intern("tid"), number: Int64(random.below(9)), unit: .empty))
            }
        }
        return labels
    }

    private static let plainNames = [
        "main", "run", "runtime.mallocgc", "main.work", "main.(*Server).Serve", "net/http.(*conn).serve", "poll", "f1",
        "f2",
        "std::sort", "start_thread", "__libc_start_main", "operator new", "Foo::Bar::baz", "anonymous", "a", "b", "c",
        "d",
    ]

    private static let manyNames = [
        "foo<T>::bar(int)", "std::vector<std::pair<int, int>>::push_back(std::pair<int, int> const&)",
        "(anonymous namespace)::Widget::draw()", "(anonymous namespace)::plain", "ns::_Impl::~_Impl()",
        "ns::inner::Class::run<int>",
        "github.com/user/project/v2/internal/db.(*Pool[...]).Get", "github.com/user/mod/v10.Function",
        "example.org/a-b/c.d/pkg.Type.Method.func1", "golang.org/x/net/v1/http2.(*Framer).Read", "main.generic[...]",
        "main.Map[go.shape.int_0,go.shape.string_0]", "com.example.foo.Server.handle(Ljava/lang/String;)V",
        "java.lang.Object.<init>", "java.lang.Thread.run()", "Server$Inner.access$100", "com.example.lambda$main$0",
        "operator<", "operator<<(std::ostream&)", "a::b)c(d", "x(y<z", "[truncated]", "f.(*Bar[...]).Method(x)",
        "f(int)",
        "[unwind failed: no table (x)]", "quote\"back\\slash", "tab\tname", "a.b.c.D.e", "_ns::A::b", "ns::A", "A::b",
        "ä::Ö::ß",
        "ns::Class::operator()", "v8/v8.thing", "/leading/slash.f", "x/v02.f",
    ]

    /// Names that pprof of July 2022 shortens in another way: what follows the last slash without a dot.
    private static let newNames = ["x/v2", "x/v2/", "trailing/", "path/to/thing", "a/b/.c", "a/b/c.d/e"]

    private static let namesOfSwift = [
        "main.Foo<Swift.Int>.bar(_: Swift.Int) -> Swift.String", "main.plain(_: Swift.Int) -> Swift.String",
        "closure #1 in static Foo.main() [async]", "Swift.Array.append(__owned A) -> ()", "specialized Foo.run()",
    ]
}
