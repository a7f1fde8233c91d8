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
        /// An exception was about to land, and the stack was that of the frame that caught it: see `LandingCheck`.
        var landing = 0
        /// At least one frame was marked as guessed.
        var guessed = 0
        /// Of the positions, those in another thread than the first.
        var inThreads = 0
        var restarted = 0
        var frames = 0
        var examples: [String] = []

        var description: String {
            "\(positions) positions (\(inThreads) in other threads), \(exact) exact, \(landing) landing, "
                + "\(wrong) wrong (\(wrongUnmarked) unmarked), \(short) short, \(guessed) guessed, \(restarted) restarted, "
                + "\(frames) frames\n" + examples.joined(separator: "\n")
        }
    }

    /// One position: what a sample would have, and what is true.
    struct Position {
        var registers: RegisterSet
        var stack: [UInt8]
        /// Outwards, from the caller of the sampled function.
        var calls: [Call]
        /// 0 for the first.
        var thread: Int
    }

    /// A call that has not returned, or an interruption.
    struct Call {
        var returnAddress: UInt64
        /// Where the return address was pushed; 0 for an interruption.
        var slot: UInt64
        /// The caller's frame pointer.
        var framePointer: UInt64
    }

    /// Steps through `program` (path and arguments), checking `limit` positions after the first `skip`, or behind its
    /// first breakpoint when `skip` is nil. `bindsNow`: without the many steps of the loader's lazy binding.
    static func run(
        helper: String, program: String, skip: Int?, limit: Int, bindsNow: Bool = false
    ) throws -> Tally {
        var tally = Tally()
        var unwinder = Unwinder()
        var frames = FrameBuffer()
        // What lies behind the breakpoint's function is not known from calls: it must stay as first found.
        var outermost: [UInt64]? = skip == nil ? nil : []
        var landings = LandingCheck()
        try follow(
            helper: helper, program: program, skip: skip, limit: limit, bindsNow: bindsNow
        ) { position, space, modules in
            let place = Address(position.registers[16] ?? 0)
            let end = unwinder.unwind(
                registers: position.registers, stack: position.stack.rawSpan, in: space, spaceID: 1, modules: modules,
                into: &frames)
            let found = (0..<frames.count).map { frames.addresses[$0].value }
            if outermost == nil { outermost = Array(found.dropFirst()) }
            // The function of the breakpoint has returned.
            if position.thread == 0, position.calls.isEmpty, outermost?.first == place.value {
                outermost?.removeFirst()
            }
            let expected =
                [place.value] + position.calls.map(\.returnAddress) + (position.thread != 0 ? [] : outermost ?? [])
            tally.positions += 1
            tally.frames += found.count
            if position.thread != 0 { tally.inThreads += 1 }
            let isGuessed = (0..<frames.count).contains { frames.flags[$0].contains(.guessed) }
            if isGuessed {
                tally.guessed += 1
                tally.examples.append("guessed at \(describe(place, space, modules))")
            }
            if found == expected, end.isComplete {
                tally.exact += 1
                let outcome = landings.land(thread: position.thread, stack: found, in: space, modules: modules)
                tally.landing += outcome.right
                tally.wrong += outcome.wrong.count
                tally.wrongUnmarked += outcome.wrong.count
                for landing in outcome.wrong where tally.examples.count < 12 {
                    tally.examples.append(
                        landing.description { describe(Address($0), space, modules) }
                            + " LANDED \(describe(place, space, modules))")
                }
                return
            }
            if end.isComplete,
                landings.postpone(position, found: found, expected: expected, in: space, modules: modules)
            {
                return
            }
            let common = zip(found, expected).prefix { $0 == $1 }.count
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
        // What never landed was wrong.
        tally.wrong += landings.pendingCount
        tally.wrongUnmarked += landings.pendingCount
        tally.restarted = unwinder.counts.restarted
        return tally
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
        helper: String, program: String, skip: Int?, limit: Int, bindsNow: Bool = false,
        receive: (Position, AddressSpace, ModuleTable) -> Void
    ) throws {
        let command =
            "\(helper) \(skip.map(String.init) ?? "t") \(limit) \(bindsNow ? "n" : "l") \(program) 2>/dev/null"
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
            guard let raw = bytes(17 * 8), let size = word(), let stack = bytes(Int(size)), let thread = word(),
                let depth = word(), let words = bytes(Int(depth) * 24)
            else { break }
            var registers = RegisterSet(machine: .x86_64)
            var reader = ByteReader(raw.rawSpan)
            for number in 0..<17 { registers[number] = try reader.read(UInt64.self) }
            var calls: [Call] = []
            var callReader = ByteReader(words.rawSpan)
            for _ in 0..<Int(depth) {
                calls.append(
                    Call(
                        returnAddress: try callReader.read(), slot: try callReader.read(),
                        framePointer: try callReader.read()))
            }
            receive(Position(registers: registers, stack: stack, calls: calls, thread: Int(thread)), space, modules)
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
