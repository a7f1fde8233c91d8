import Primitives

/// Turns the registers and the copied stack of a sample into return addresses.
///
/// Belongs to one thread. Keeps nothing of a sample; what it keeps are the rules for the addresses met last. Nothing in
/// the samples or the images can make it trap or run long: every step moves the stack pointer towards the end of the
/// copy or counts against the size of the frame buffer.
public struct Unwinder: ~Copyable {
    /// How the stacks ended so far.
    public private(set) var counts = StackEndCounts()

    private let cache = RuleCache()

    /// With an empty cache.
    public init() {}

    /// Unwinds one sample: its frames, leaf first, replace those in `frames`.
    ///
    /// - Parameters:
    ///   - registers: the sampled registers.
    ///   - stack: the bytes of the stack from the stack pointer up.
    ///   - isWholeStack: `stack` ends where the mapped stack ends: then nothing is truncated, only damaged.
    ///   - space: the mappings of the process.
    ///   - spaceID: different for each process (and after exec, unless `space` is the same value, cleared and refilled).
    ///   - modules: the images that `space` names.
    /// - Returns: why the stack ends where it does.
    /// - Complexity: O(frames), about 50 ns each when the addresses were met before.
    public mutating func unwind(
        registers: RegisterSet, stack: RawSpan, isWholeStack: Bool = false, in space: borrowing AddressSpace,
        spaceID: UInt32, modules: ModuleTable, into frames: inout FrameBuffer
    ) -> StackEnd {
        frames.removeAll()
        guard let layout = registers.layout, let stackPointer = registers[layout.stackPointer] else {
            let end = StackEnd.noUnwindInfo(Address(0))
            counts.count(end)
            return end
        }
        // The memory is used within this call only.
        let end = unsafe stack.withUnsafeBytes { bytes in
            let memory = unsafe StackMemory(bytes, start: stackPointer)
            var walk = StackWalk(
                layout: layout, memory: memory, modules: modules,
                spaceKey: UInt64(spaceID) << 32 | UInt64(space.generation), isWholeStack: isWholeStack)
            var end = walk.run(registers, in: space, cache: cache, into: &frames)
            if end == nil {
                counts.restarted += 1
                frames.removeAll()
                walk.tracksAllRegisters = true
                end = walk.run(registers, in: space, cache: cache, into: &frames)
            }
            if walk.hasGuessed { counts.withGuesses += 1 }
            return end ?? .badFrame(Address(0))
        }
        counts.count(end)
        return end
    }
}
