internal import CDemangle
internal import Glibc

/// The limits on names: what is longer is not demangled, so that no symbol table can cost more than its share.
enum DemanglingLimits {
    /// Bytes of a mangled name. The longest seen in real programs have about 20 KB.
    static let inputByteCount = 65_536
    /// Bytes of a mangled Swift name: its demangler recurses without a limit on the size of a frame.
    static let swiftInputByteCount = 16_384
    /// Bytes of a readable name.
    static let outputByteCount = 65_536
    /// Productions of a grammar inside each other, for our own demanglers.
    static let depth = 500
    /// Productions of a grammar in one name, for our own demanglers: back-references can name a path again and again.
    static let stepCount = 200_000
}

/// Makes linkage names readable: made once, used for many names, as it keeps memory for them.
///
/// Swift (simplified: `leaf(_:)`, the parts of an async function under one name), C++ (Itanium ABI, with parameters), Rust
/// (v0 and legacy, without hashes). The marks that compilers add to copies and parts of a function (`.isra.0`, `.cold`,
/// `.lto_priv.1`) and a symbol version (`@@GLIBC_2.17`) are dropped: the linkage name keeps them.
///
/// Rust's and nearly all of C++'s names are read by sprof's own demanglers, which no name can crash. Swift's and the C++ names
/// of rare forms are left to the C++ and C code of the system, which a crafted name can crash: where that is not survivable,
/// `usingSystemDemanglers: false` leaves those as they are. Bounded for hostile names: at most 64 KiB of name and of result.
public struct Demangler: ~Copyable {
    private let usesSystemDemanglers: Bool
    /// Made for the first name that needs it.
    private var cxx: CxxDemangler?

    public init(usingSystemDemanglers: Bool = true) {
        usesSystemDemanglers = usingSystemDemanglers
    }

    /// The readable form of `symbol`, nil where there is none better than the name itself.
    public mutating func demangle(_ symbol: String) -> String? {
        var symbol = symbol
        let length = symbol.utf8.count
        guard length >= 2, length <= DemanglingLimits.inputByteCount else { return nil }
        return symbol.withUTF8 { bytes in
            // The string keeps its bytes alive and unchanged meanwhile.
            demangle(unsafe Span<UInt8>(_unsafeElements: bytes))
        }
    }

    private mutating func demangle(_ name: Span<UInt8>) -> String? {
        let base = name.extracting(0..<lengthWithoutSuffixes(name))
        switch Mangling(of: base) {
        case .swift: return usesSystemDemanglers ? demangleSwift(base) : nil
        case .itanium: return demangleLegacyRust(base) ?? demangleCxx(base)
        case .rust: return demangleRust(base)
        case .none: return base.count == name.count ? nil : text(base)
        }
    }

    private mutating func demangleCxx(_ name: Span<UInt8>) -> String? {
        // Apple's and old tools' symbols have one more underscore.
        let name = name[1] == UInt8(ascii: "_") ? name.extracting(1..<name.count) : name
        if cxx == nil { cxx = CxxDemangler() }
        do {
            return try cxx?.demangle(name)
        } catch {
            return error == .unknown && usesSystemDemanglers ? demangleCxxBySystem(name) : nil
        }
    }
}

/// The readable form of one linkage name; for many of them see ``Demangler``.
public func demangle(_ symbol: String, usingSystemDemanglers: Bool = true) -> String? {
    var demangler = Demangler(usingSystemDemanglers: usingSystemDemanglers)
    return demangler.demangle(symbol)
}

/// How a name was mangled, told from its first bytes.
enum Mangling {
    case swift, itanium, rust, none

    /// Swift: `$s $S $e _T0`, C++ and legacy Rust: `_Z`, Rust v0: `_R`; each also with one more underscore in front.
    init(of name: Span<UInt8>) {
        var start = 0
        if name.count > 2, name[0] == UInt8(ascii: "_"), name[1] == UInt8(ascii: "_") || name[1] == UInt8(ascii: "$") {
            start = 1
        }
        guard name.count > start + 2 else {
            self = .none
            return
        }
        switch (name[start], name[start + 1]) {
        case (UInt8(ascii: "$"), UInt8(ascii: "s")), (UInt8(ascii: "$"), UInt8(ascii: "S")),
            (UInt8(ascii: "$"), UInt8(ascii: "e")):
            self = .swift
        case (UInt8(ascii: "_"), UInt8(ascii: "T")):
            self = name[start + 2] == UInt8(ascii: "0") ? .swift : .none
        case (UInt8(ascii: "_"), UInt8(ascii: "Z")): self = .itanium
        case (UInt8(ascii: "_"), UInt8(ascii: "R")): self = .rust
        default: self = .none
        }
    }
}

/// The bytes as text.
func text(_ bytes: Span<UInt8>) -> String {
    unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
}

/// The simplified form of a Swift name.
private func demangleSwift(_ name: Span<UInt8>) -> String? {
    guard name.count <= DemanglingLimits.swiftInputByteCount else { return nil }
    // libswiftCore takes a length, but hands a name of another language on as a C string: this one is Swift's.
    return unsafe name.withUnsafeBufferPointer { name in
        func run(_ output: UnsafeMutableBufferPointer<CChar>) -> (result: String?, wanted: Int) {
            var size = output.count
            return unsafe name.withMemoryRebound(to: CChar.self) { name in
                guard let start = name.baseAddress,
                    unsafe _swift_backtrace_demangle(start, name.count, output.baseAddress, &size) != nil,
                    size > 1, size <= output.count
                else { return (nil, size) }
                let readable = unsafe UnsafeRawBufferPointer(output)[..<(size - 1)]
                // A name that cannot be demangled comes back unchanged.
                if unsafe readable.elementsEqual(UnsafeRawBufferPointer(name)) { return (nil, size) }
                return unsafe (String(decoding: readable, as: UTF8.self), size)
            }
        }
        let first = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1024) { unsafe run($0) }
        guard first.result == nil, first.wanted > 1024, first.wanted <= DemanglingLimits.outputByteCount else {
            return first.result
        }
        return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: first.wanted) { unsafe run($0).result }
    }
}

/// The readable form of a C++ name by libstdc++'s demangler.
func demangleCxxBySystem(_ name: Span<UInt8>) -> String? {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: name.count + 1) { input in
        for index in 0..<name.count { unsafe input[index] = CChar(bitPattern: name[index]) }
        unsafe input[name.count] = 0
        guard let start = input.baseAddress else { return nil }
        var status: Int32 = 0
        // Its result is from malloc; a name that stands for gigabytes ends at the worker's memory limit, as a null.
        guard let readable = unsafe __cxa_demangle(start, nil, nil, &status) else { return nil }
        defer { unsafe free(readable) }
        let length = unsafe strnlen(readable, DemanglingLimits.outputByteCount + 1)
        guard length > 0, length <= DemanglingLimits.outputByteCount else { return nil }
        return unsafe String(decoding: UnsafeRawBufferPointer(start: readable, count: length), as: UTF8.self)
    }
}
