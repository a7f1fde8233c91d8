/// A call that the compiler replaced by the called function's code: the caller, and where that was inlined in turn.
///
/// All addresses of the inlined code share it: most neighbours differ in the innermost line only.
public final class InlinedCall: Sendable {
    /// The calling function, at the position of the call.
    public let caller: SymbolizedFrame
    /// Where the calling function is inlined; nil if the code belongs to it.
    public let next: InlinedCall?
    /// The number of calls from this one outwards.
    public let depth: Int

    /// A call in `caller`, whose code is inlined at `next`.
    public init(caller: SymbolizedFrame, next: InlinedCall? = nil) {
        self.caller = caller
        self.next = next
        depth = (next?.depth ?? 0) + 1
    }
}
