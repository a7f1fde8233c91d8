/// The functions that one address lies in.
public struct SymbolizedAddress: Sendable {
    /// The function that the code was written in, inlined or not, and where in it; nil if nothing is known.
    public var innermost: SymbolizedFrame?
    /// Where that function was inlined; nil if the code belongs to it.
    public var inlinedAt: InlinedCall?

    /// The innermost function, and what it is inlined into.
    public init(_ innermost: SymbolizedFrame?, inlinedAt: InlinedCall? = nil) {
        self.innermost = innermost
        self.inlinedAt = inlinedAt
    }

    /// The frames around one address: the innermost first, each inlined into the next one's function.
    public init(frames: [SymbolizedFrame] = []) {
        innermost = frames.first
        for frame in frames.dropFirst().reversed() { inlinedAt = InlinedCall(caller: frame, next: inlinedAt) }
    }

    /// The number of functions; 0 if nothing is known.
    public var frameCount: Int { innermost == nil ? 0 : 1 + (inlinedAt?.depth ?? 0) }

    /// The innermost inlined function first, the function that the code belongs to last; empty if nothing is known. O(n).
    public var frames: [SymbolizedFrame] {
        guard let innermost else { return [] }
        var frames: [SymbolizedFrame] = []
        frames.reserveCapacity(frameCount)
        frames.append(innermost)
        var call = inlinedAt
        while let known = call {
            frames.append(known.caller)
            call = known.next
        }
        return frames
    }
}

extension SymbolizedAddress: Hashable {
    /// Whether both have the same frames. O(n).
    public static func == (left: SymbolizedAddress, right: SymbolizedAddress) -> Bool {
        guard left.innermost == right.innermost else { return false }
        return left.inlinedAt === right.inlinedAt || left.frames == right.frames
    }

    /// Hashes the frames. O(n).
    public func hash(into hasher: inout Hasher) {
        hasher.combine(frames)
    }
}
