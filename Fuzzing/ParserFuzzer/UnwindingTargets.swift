import FuzzKit
import Primitives

@testable import ELF
@testable import GoRuntimeTables
@testable import StackUnwinder

/// What the recorder itself reads: ELF headers, unwind information, stacks, Go's tables.
func unwindingTargets(_ folder: SampleFolder) -> [FuzzTarget] {
    var headers: [FuzzSeed] = []
    var frames: [FuzzSeed] = []
    var symbols: [FuzzSeed] = []
    var sections: [FuzzSeed] = []
    for bytes in folder.programs {
        guard let map = ImageMap(bytes) else { continue }
        headers.append(FuzzSeed(bytes, places: map.headers(bytes)))
        frames.append(FuzzSeed(bytes, places: map.places([".eh_frame", ".eh_frame_hdr", ".debug_frame"])))
        symbols.append(FuzzSeed(bytes, places: map.places([".symtab", ".strtab", ".dynsym", ".text"])))
        for place in map.places([".eh_frame"]) { sections.append(FuzzSeed(Array(bytes[place]))) }
    }
    let addresses = folder.programs.first.flatMap { ImageMap($0) }?.addresses(4) ?? []
    return [
        FuzzTarget("elf", seeds: headers) { readHeaders($0, addresses) },
        FuzzTarget("eh-frame-file", seeds: frames) { lookUpRules($0, addresses) },
        FuzzTarget("eh-frame", seeds: sections) { readFrames($0, .ehFrame) },
        FuzzTarget("debug-frame", seeds: sections + debugFrames(folder)) { readFrames($0, .debugFrame) },
        FuzzTarget("unwind-symbols", seeds: symbols) { lookUpRules($0, addresses) },
        stacks(folder), goTables(folder), goFrames(folder),
    ]
}

private func readHeaders(_ bytes: [UInt8], _ addresses: [UInt64]) {
    guard let image = try? ElfImage(bytes: bytes) else { return }
    for address in addresses {
        if let offset = image.fileOffset(for: FileAddress(address)) { _ = image.fileAddress(for: offset) }
        _ = image.fileAddress(for: FileOffset(address))
    }
    for section in image.sections.prefix(64) { _ = try? image.read(section, limit: 1 << 20) }
}

private func lookUpRules(_ bytes: [UInt8], _ addresses: [UInt64]) {
    guard let image = try? ElfImage(bytes: bytes) else { return }
    let module = UnwindModule(image, displayName: "")
    let stack = [UInt8](repeating: 3, count: 256)
    for address in addresses {
        _ = module.rule(at: address, isReturn: address & 1 == 0)
        _ = module.analyzedRule(at: address)
        _ = module.functionStart(around: FileAddress(address))
        guard let (row, common, section) = module.row(at: address) else { continue }
        step(row, common, section, stack)
    }
}

private func readFrames(_ bytes: [UInt8], _ format: CfiSection.Format) {
    guard let section = CfiSection(format: format, bytes: bytes, address: 0x1000, dataBase: 0x800) else { return }
    let index = FdeIndex(scanning: section, base: 0)
    var table = CfiTable(section: section, index: index, layout: .x86_64)
    let stack = [UInt8](repeating: 5, count: 128)
    for position in 0..<min(index.count, 8) {
        let address = index.start(at: position) &+ 1
        _ = table.rule(at: address)
        guard let description = table.description(at: address), let row = table.row(at: address, in: description)
        else { continue }
        step(row, description.common, section, stack)
    }
}

/// Leaves a made-up frame by `row`, expressions and all.
private func step(_ row: CfiRow, _ common: CommonInformation, _ section: CfiSection, _ stack: [UInt8]) {
    var registers = RegisterSet(machine: .x86_64)
    for number in 0..<17 { registers[number] = 0x1000 + UInt64(number) * 8 }
    stack.withUnsafeBytes { buffer in
        let memory = StackMemory(buffer, start: 0x1000)
        _ = try? GeneralStep.leave(
            registers, by: row, common: common, section: section, bias: 0, memory: memory, layout: .x86_64)
    }
}

private func debugFrames(_ folder: SampleFolder) -> [FuzzSeed] {
    let command = "gcc -O2 -g -gz=none -fno-asynchronous-unwind-tables -fno-unwind-tables -nostartfiles -Wl,-e,main"
    let source =
        "int main(int n, char **v) { volatile char c[n + 9]; c[n] = 1; return n < 2 ? c[n] : main(n - 1, v) * 3; }"
    guard let bytes = folder.program(source, command, name: "unwound", language: "c"), let map = ImageMap(bytes) else {
        return []
    }
    return map.places([".debug_frame"]).map { FuzzSeed(Array(bytes[$0])) }
}

/// Random registers and stacks over sound programs: registers first, 17 words, then the stack.
private func stacks(_ folder: SampleFolder) -> FuzzTarget {
    let modules = ModuleTable()
    var space = AddressSpace()
    var seeds: [FuzzSeed] = []
    for (index, bytes) in folder.programs.enumerated() {
        guard let image = try? ElfImage(bytes: bytes), let map = ImageMap(bytes) else { continue }
        let id = modules.register(image, displayName: "")
        let base = UInt64(index + 1) << 32
        for segment in image.segments where segment.isLoad && segment.isExecutable {
            let start = Address((base &+ segment.address.value) & ~4095)
            let offset = FileOffset(segment.offset.value & ~4095)
            space.map(
                range: start..<Address(start.value &+ 0x4000), fileOffset: offset, module: id, kind: .file)
        }
        let addresses = map.addresses(40).map { $0 &+ base }
        var words = addresses.prefix(17).map { $0 }
        words[7] = 0x7fff_0000
        words[6] = 0x7fff_0040
        words[16] = addresses[index % addresses.count]
        for (number, address) in addresses.enumerated() {
            words += [address, 0x7fff_0000 + UInt64(number) * 24, UInt64(number)]
        }
        seeds.append(FuzzSeed(words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }))
    }
    var frames = FrameBuffer()
    return FuzzTarget("stacks", seeds: seeds) { bytes in
        var registers = RegisterSet(machine: .x86_64)
        var reader = ByteReader(bytes.rawSpan)
        for number in 0..<17 { registers[number] = try? reader.read(UInt64.self) }
        var unwinder = Unwinder()
        let stack = bytes.rawSpan.extracting(reader.offset..<bytes.count)
        _ = unwinder.unwind(
            registers: registers, stack: stack, isWholeStack: bytes.count & 1 == 0, in: space, spaceID: 1,
            modules: modules, into: &frames)
    }
}

private func goProgram(_ folder: SampleFolder) -> [UInt8]? {
    let source = "package main\nfunc main() { println(1) }\n"
    return folder.program(source, "HOME=$PWD go build", name: "gopher", language: "go")
}

/// The same tables in their file, as the unwinder reads them: in pieces.
private func goFrames(_ folder: SampleFolder) -> FuzzTarget {
    guard let bytes = goProgram(folder), let map = ImageMap(bytes) else {
        return FuzzTarget("go-frames", seeds: [FuzzSeed]()) { _ in }
    }
    let addresses = map.addresses(4)
    let seeds = map.places(GoFunctionTable.sectionNames).flatMap { place in
        [place.prefix(80), place.dropFirst(80).prefix(4096), place.dropFirst(80)].map { FuzzSeed(bytes, places: [$0]) }
    }
    return FuzzTarget("go-frames", seeds: seeds) { bytes in
        let frames = GoFrames(try ElfImage(bytes: bytes), limit: 1 << 28)
        for address in addresses {
            _ = frames?.rule(at: address, isReturn: true)
            _ = frames?.role(at: address)
        }
    }
}

private func goTables(_ folder: SampleFolder) -> FuzzTarget {
    var seeds: [FuzzSeed] = []
    var addresses: [FileAddress] = []
    if let bytes = goProgram(folder), let map = ImageMap(bytes) {
        for place in map.places(GoFunctionTable.sectionNames) {
            let table = Array(bytes[place])
            // A damaged header is refused, so the rest has inputs of its own.
            for part in [0..<80, 80..<4096, 80..<table.count] { seeds.append(FuzzSeed(table, places: [part])) }
        }
        addresses = map.addresses(4).map { FileAddress($0) }
    }
    return FuzzTarget("gopclntab", seeds: seeds) { bytes in
        guard let table = GoFunctionTable(bytes.rawSpan) else { return }
        for address in addresses {
            guard let function = table.function(at: address, in: bytes.rawSpan) else { continue }
            _ = table.name(of: function, in: bytes.rawSpan)
            _ = table.line(of: function, at: address, in: bytes.rawSpan)
            _ = table.stackDepth(of: function, at: address, in: bytes.rawSpan)
            _ = table.inlinedCall(of: function, at: address, in: bytes.rawSpan, data: bytes.rawSpan)
        }
    }
}
