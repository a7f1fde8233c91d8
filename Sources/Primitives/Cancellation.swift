/// Whether somebody still waits for what a long computation comes to: loops ask every few milliseconds, and throw an error of
/// their own when nobody does.
public struct Cancellation: Sendable {
    /// That of a computation that always runs to its end.
    public static let never = Cancellation(ask: nil)

    private let ask: (@Sendable () -> Bool)?

    private init(ask: (@Sendable () -> Bool)?) { self.ask = ask }

    /// - Parameter isRequested: Says whether the computation is to end; asked often, on the thread that computes.
    public init(_ isRequested: @escaping @Sendable () -> Bool) { ask = isRequested }

    /// Whether the computation is to end.
    public var isRequested: Bool { ask?() ?? false }

    /// Whether that may ever be.
    public var isPossible: Bool { ask != nil }
}
