// swift-tools-version: 6.2
import PackageDescription

// Every Swift target is compiled the same way: Swift 6 mode, no silent existential, no leaking import, and every
// unsafe expression marked as such. `Lifetimes` is what a bounds-checked, non-escaping reader over bytes needs.
let languageSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableExperimentalFeature("Lifetimes"),
]
let swiftSettings = languageSettings + [.strictMemorySafety()]

let package = Package(
    name: "sprof",
    products: [.executable(name: "sprof", targets: ["sprof"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0")
    ],
    targets: [
        // What Swift cannot say, and the libraries of the system.
        .target(name: "CPerfEvent"),
        .target(name: "CDemangle", linkerSettings: [.linkedLibrary("stdc++")]),
        .target(name: "CLinux"),
        .systemLibrary(name: "CElfutils", pkgConfig: "libdw", providers: [.apt(["libdw-dev", "libelf-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
        // Without pkgConfig, which would link it: it is loaded at run time.
        .systemLibrary(name: "CCapstone", providers: [.apt(["libcapstone-dev"])]),
        .target(name: "CCurl"),
        .target(name: "CRE2", linkerSettings: [.linkedLibrary("re2"), .linkedLibrary("stdc++")]),
        .systemLibrary(name: "CLzma", pkgConfig: "liblzma", providers: [.apt(["liblzma-dev"])]),

        // Shared vocabulary: addresses, identifiers, the bounds-checked reader, owned descriptors, ELF headers.
        .target(name: "Primitives", swiftSettings: swiftSettings),
        .target(name: "TargetFiles", dependencies: ["CLinux", "Primitives"], swiftSettings: swiftSettings),
        .target(name: "ELF", dependencies: ["Primitives", "TargetFiles"], swiftSettings: swiftSettings),
        .target(name: "GoRuntimeTables", dependencies: ["Primitives"], swiftSettings: swiftSettings),

        // From the kernel's rings to return addresses.
        .target(name: "PerfSampler", dependencies: ["CPerfEvent", "Primitives"], swiftSettings: swiftSettings),
        .target(
            name: "StackUnwinder", dependencies: ["ELF", "GoRuntimeTables", "Primitives"],
            swiftSettings: swiftSettings),

        // From addresses to names.
        .target(
            name: "Symbolizer",
            dependencies: [
                "CDemangle", "CElfutils", "CLinux", "CLzma", "CZlib", "GoRuntimeTables", "Primitives", "TargetFiles",
            ],
            swiftSettings: swiftSettings),

        // The profile as data, and its way in and out of files.
        .target(name: "ProfileModel", dependencies: ["Primitives"], swiftSettings: swiftSettings),
        .target(
            name: "ProfileWriter", dependencies: ["CDeflate", "Primitives", "ProfileModel"],
            swiftSettings: swiftSettings),
        .target(
            name: "ProfileReader", dependencies: ["CDeflate", "CZlib", "Primitives", "ProfileModel"],
            swiftSettings: swiftSettings),

        // Stacks merged into trees.
        .target(name: "MergedStacks", dependencies: ["ProfileModel"], swiftSettings: swiftSettings),

        // From a profile to what a reader sees of it.
        .target(
            name: "RegularExpressions", dependencies: ["CRE2", "Primitives"], swiftSettings: swiftSettings),
        .target(
            name: "ProfileTransform", dependencies: ["Primitives", "ProfileModel", "RegularExpressions"],
            swiftSettings: swiftSettings),
        .target(
            name: "ProfileReport",
            dependencies: ["MergedStacks", "Primitives", "ProfileModel", "ProfileTransform", "RegularExpressions"],
            swiftSettings: swiftSettings),
        .target(
            name: "CodeListing",
            dependencies: [
                "CCapstone", "ELF", "Primitives", "ProfileModel", "ProfileReport", "RegularExpressions",
                "StackUnwinder",
                "Symbolizer",
            ],
            swiftSettings: swiftSettings),

        // Where profiles come from, and the language of pprof's command line and shell.
        .target(
            name: "ProfileFetch",
            dependencies: [
                "CCurl", "ELF", "Primitives", "ProfileModel", "ProfileReader", "ProfileTransform", "ProfileWriter",
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "PprofCommands", dependencies: ["Primitives", "ProfileFetch", "ProfileModel", "ProfileReport"],
            swiftSettings: swiftSettings),

        // What is drawn, written and compared from merged stacks.
        .target(
            name: "FlameGraph", dependencies: ["MergedStacks", "Primitives", "ProfileModel", "ProfileReport"],
            resources: [.embedInCode("Web")], swiftSettings: swiftSettings),
        .target(
            name: "ProfileConvert", dependencies: ["MergedStacks", "Primitives", "ProfileModel"],
            swiftSettings: swiftSettings),
        .target(
            name: "ProfileDiff", dependencies: ["MergedStacks", "Primitives", "ProfileModel", "RegularExpressions"],
            swiftSettings: swiftSettings),
        .target(name: "GraphDrawing", dependencies: ["Primitives"], swiftSettings: swiftSettings),
        .target(
            name: "ProfileShell",
            dependencies: [
                "CodeListing", "GraphDrawing", "PprofCommands", "Primitives", "ProfileFetch", "ProfileModel",
                "ProfileReport", "ProfileTransform", "ProfileWriter", "RegularExpressions",
            ],
            swiftSettings: swiftSettings),

        // One recording from start to finished profile, and the command line over it.
        .target(
            name: "Recorder",
            dependencies: [
                "CLinux", "ELF", "PerfSampler", "Primitives", "ProfileModel", "StackUnwinder", "Symbolizer",
                "TargetFiles",
            ],
            swiftSettings: swiftSettings),
        .executableTarget(
            name: "sprof",
            dependencies: [
                "CodeListing", "FlameGraph", "MergedStacks", "PerfSampler", "PprofCommands", "Primitives",
                "ProfileConvert", "ProfileDiff", "ProfileFetch", "ProfileModel", "ProfileReader", "ProfileReport",
                "ProfileShell", "ProfileTransform", "ProfileWriter", "Recorder", "StackUnwinder", "Symbolizer",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: swiftSettings),

        // The profiles that `make bench-analyser` measures with.
        .executableTarget(
            name: "profile-generator", dependencies: ["Primitives", "ProfileModel", "ProfileWriter"],
            path: "Benchmarks/ProfileGenerator", swiftSettings: swiftSettings),
        // Our names and lines against other tools', for `Benchmarks/symbolizing` and for tests.
        .target(
            name: "SymbolComparison", dependencies: ["CDemangle", "ELF", "Primitives", "Symbolizer"],
            path: "Benchmarks/symbolizing/Comparison", swiftSettings: languageSettings),
        // The symbolizer by itself, for `Benchmarks/symbolizing`; no part of the product.
        .executableTarget(
            name: "symbolize", dependencies: ["Primitives", "SymbolComparison", "Symbolizer"],
            path: "Benchmarks/symbolizing/symbolize", swiftSettings: languageSettings),

        // Programs that try made-up files on everything that reads files; `make fuzz` runs them.
        .target(
            name: "FuzzKit", dependencies: ["Primitives"], path: "Fuzzing/FuzzKit", swiftSettings: languageSettings),
        .executableTarget(
            name: "profile-fuzzer",
            dependencies: [
                "CodeListing", "ELF", "FuzzKit", "Primitives", "ProfileModel", "ProfileReader", "ProfileReport",
                "ProfileTransform", "ProfileWriter", "RegularExpressions",
            ],
            path: "Fuzzing/ProfileFuzzer", swiftSettings: languageSettings),

        .testTarget(
            name: "Tests",
            dependencies: [
                "ELF", "GoRuntimeTables", "PerfSampler", "Primitives", "ProfileModel", "ProfileReader",
                "ProfileReport", "ProfileWriter", "Recorder", "StackUnwinder", "SymbolComparison", "Symbolizer",
                "TargetFiles", "sprof",
            ],
            path: "Tests", exclude: ["Analyser"],
            swiftSettings: languageSettings),
        .testTarget(
            name: "AnalyserTests",
            dependencies: [
                "CodeListing",
                "ELF",
                "FlameGraph",
                "GraphDrawing",
                "MergedStacks",
                "PprofCommands",
                "Primitives",
                "ProfileConvert",
                "ProfileDiff",
                "ProfileFetch",
                "ProfileModel",
                "ProfileReader",
                "ProfileReport",
                "ProfileShell",
                "ProfileTransform",
                "ProfileWriter",
                "RegularExpressions",
            ],
            path: "Tests/Analyser",
            swiftSettings: languageSettings),
    ]
)

// `make fuzz-parsers`. Left out otherwise: it reaches into the modules by @testable, which a plain release build does not allow.
if Context.environment["SPROF_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "parser-fuzzer",
            dependencies: [
                "CDemangle", "ELF", "FuzzKit", "GoRuntimeTables", "PerfSampler", "Primitives", "Recorder",
                "StackUnwinder", "Symbolizer", "TargetFiles",
            ],
            path: "Fuzzing/ParserFuzzer", swiftSettings: languageSettings))
}
