import ELF
import Glibc
import Primitives

@testable import StackUnwinder

/// Runs a program one instruction at a time and holds the unwinder's answer at each against the return addresses that
/// the calls and returns seen so far have left behind.
struct StepOracle {
    /// What came out of one program.
    struct Tally: CustomStringConvertible {
        var positions = 0
        var exact = 0
        /// A frame differs.
        var wrong = 0
        /// Wrong, and no frame was marked as guessed.
        var wrongUnmarked = 0
        /// All frames are right, but outer ones are missing.
        var short = 0
        /// A return address on the stack had been replaced, as before an exception is caught: the frames found were right
        /// up to there, and those behind the frame that catches.
        var rewritten = 0
        /// Of the positions, those in another thread than the first.
        var inThreads = 0
        var restarted = 0
        var frames = 0
        var examples: [String] = []

        var description: String {
            "\(positions) positions (\(inThreads) in other threads), \(exact) exact, \(rewritten) rewritten, "
                + "\(wrong) wrong (\(wrongUnmarked) unmarked), \(short) short, \(restarted) restarted, "
                + "\(frames) frames\n" + examples.joined(separator: "\n")
        }
    }

    /// One position: what a sample would have, and what is true.
    struct Position {
        var registers: RegisterSet
        var stack: [UInt8]
        /// Outwards, from the caller of the sampled function.
        var returnAddresses: [UInt64]
        var isRewritten: Bool
        var isOtherThread: Bool
    }

    /// Steps through `program` (path and arguments), checking `limit` positions after the first `skip`, or behind its
    /// first breakpoint when `skip` is nil.
    static func run(helper: String, program: String, skip: Int?, limit: Int) throws -> Tally {
        var tally = Tally()
        var unwinder = Unwinder()
        var frames = FrameBuffer()
        // What lies behind the breakpoint's function is not known from calls: it must stay as first found.
        var outermost: [UInt64]? = skip == nil ? nil : []
        // Where the next instruction must be, in the first thread and in another.
        var awaited: [Bool: UInt64] = [:]
        try follow(helper: helper, program: program, skip: skip, limit: limit) { position, space, modules in
            let place = Address(position.registers[16] ?? 0)
            let end = unwinder.unwind(
                registers: position.registers, stack: position.stack.rawSpan, in: space, spaceID: 1, modules: modules,
                into: &frames)
            let found = (0..<frames.count).map { frames.addresses[$0].value }
            if outermost == nil { outermost = Array(found.dropFirst()) }
            let expected =
                [place.value] + position.returnAddresses + (position.isOtherThread ? [] : outermost ?? [])
            if let landing = awaited.removeValue(forKey: position.isOtherThread), landing != place.value {
                tally.wrong += 1
                tally.wrongUnmarked += 1
            }
            tally.positions += 1
            tally.frames += found.count
            if position.isOtherThread { tally.inThreads += 1 }
            if found == expected, end.isComplete {
                tally.exact += 1
                return
            }
            let common = zip(found, expected).prefix { $0 == $1 }.count
            if end.isComplete, common > 0, found.count <= expected.count,
                isUnwound(found[common...], expected.suffix(found.count - common), position.isRewritten, space, modules)
            {
                tally.rewritten += 1
                return
            }
            // The unwinder's last instruction: the frame that catches has called nobody any more.
            if end.isComplete, found.count == expected.count + 1, found[0] == expected[0],
                found.dropFirst(2) == expected.dropFirst()
            {
                awaited[position.isOtherThread] = found[1]
                tally.rewritten += 1
                return
            }
            let isGuessed = (0..<frames.count).contains { frames.flags[$0].contains(.guessed) }
            if common < found.count {
                tally.wrong += 1
                if !isGuessed { tally.wrongUnmarked += 1 }
            } else {
                tally.short += 1
            }
            if tally.examples.count < 12 {
                tally.examples.append(
                    "at \(describe(place, space, modules)): \(end) after \(common) of \(expected.count), found "
                        + "\(found.count), at \(common > 0 ? describe(Address(found[common - 1]), space, modules) : "?")"
                        + (common < found.count ? ": \(describe(Address(found[common]), space, modules))" : "")
                        + (common < expected.count ? " for \(describe(Address(expected[common]), space, modules))" : "")
                )
            }
        }
        tally.restarted = unwinder.counts.restarted
        return tally
    }

    /// Whether `found` is what is left of a stack of which an exception's unwinder has taken frames away: the frame that
    /// catches, by the address it called from or by that of its landing pad, and all frames behind it.
    private static func isUnwound(
        _ found: ArraySlice<UInt64>, _ expected: ArraySlice<UInt64>, _ isRewritten: Bool, _ space: AddressSpace,
        _ modules: ModuleTable
    ) -> Bool {
        guard let first = found.first, let called = expected.first, found.dropFirst() == expected.dropFirst() else {
            return false
        }
        if first == called { return isRewritten }
        func name(_ address: UInt64) -> String { describe(Address(address), space, modules) }
        return name(first).prefix { $0 != "+" } == name(called).prefix { $0 != "+" }
    }

    /// Steps through `program` and hands out registers and stacks; the mappings at the end.
    static func record(
        helper: String, program: String, skip: Int, limit: Int, receive: (RegisterSet, [UInt8]) -> Void
    ) throws -> (AddressSpace, ModuleTable) {
        var last: (AddressSpace, ModuleTable)?
        try follow(helper: helper, program: program, skip: skip, limit: limit) { position, space, modules in
            receive(position.registers, position.stack)
            last = (space, modules)
        }
        return last ?? (AddressSpace(), ModuleTable())
    }

    private static func follow(
        helper: String, program: String, skip: Int?, limit: Int,
        receive: (Position, AddressSpace, ModuleTable) -> Void
    ) throws {
        let command = "\(helper) \(skip.map(String.init) ?? "t") \(limit) l \(program) 2>/dev/null"
        guard let stream = unsafe popen(command, "r") else { throw SystemError.last("popen") }
        defer { unsafe _ = pclose(stream) }
        let modules = ModuleTable()
        var ids: [String: ModuleID] = [:]
        var space = AddressSpace()
        func bytes(_ count: Int) -> [UInt8]? {
            guard count > 0 else { return [] }
            var buffer = [UInt8](repeating: 0, count: count)
            return unsafe fread(&buffer, 1, count, stream) == count ? buffer : nil
        }
        func word() -> UInt64? {
            guard let raw = bytes(8) else { return nil }
            var reader = ByteReader(raw.rawSpan)
            return try? reader.read(UInt64.self)
        }
        while let kind = word(), kind != 0 {
            if kind == 1 {
                guard let count = word(), let text = bytes(Int(count)) else { break }
                space.removeAll()
                MapsText.fill(&space, from: text, modules: modules, ids: &ids)
                continue
            }
            guard let raw = bytes(17 * 8), let size = word(), let stack = bytes(Int(size)), let isRewritten = word(),
                let isOtherThread = word(), let depth = word(), let addresses = bytes(Int(depth) * 8)
            else { break }
            var registers = RegisterSet(machine: .x86_64)
            var reader = ByteReader(raw.rawSpan)
            for number in 0..<17 { registers[number] = try reader.read(UInt64.self) }
            var truth: [UInt64] = []
            var truthReader = ByteReader(addresses.rawSpan)
            for _ in 0..<Int(depth) { truth.append(try truthReader.read(UInt64.self)) }
            receive(
                Position(
                    registers: registers, stack: stack, returnAddresses: truth, isRewritten: isRewritten != 0,
                    isOtherThread: isOtherThread != 0),
                space, modules)
        }
    }

    static func describe(_ address: Address, _ space: AddressSpace, _ modules: ModuleTable) -> String {
        guard let mapping = space.lookup(address), let id = mapping.module,
            let file = modules[id].image.fileAddress(
                for: FileOffset(mapping.fileOffset.value + address.value - mapping.range.lowerBound.value))
        else { return "\(address)" }
        return "\(modules[id].displayName)+\(file)"
    }
}
