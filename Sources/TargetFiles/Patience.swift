internal import Synchronization

/// How long a recording waits for the files of its target: samples wait meanwhile.
///
/// The first time, as long as a network may take that is only slow; then not long.
public final class Patience: Sendable {
    private struct State {
        var firstMilliseconds: Int32
        var laterMilliseconds: Int32
        var hasMetSilence = false
        var silentDevices: Set<UInt64> = []
    }

    private let state: Mutex<State>

    /// A patience of `firstMilliseconds` for each file, and of `laterMilliseconds` where others have not answered.
    public init(firstMilliseconds: Int32 = 2_000, laterMilliseconds: Int32 = 200) {
        state = Mutex(State(firstMilliseconds: firstMilliseconds, laterMilliseconds: laterMilliseconds))
    }

    /// Waits no longer than `milliseconds` from now on.
    func shorten(to milliseconds: Int32) {
        state.withLock { state in
            state.firstMilliseconds = min(state.firstMilliseconds, milliseconds)
            state.laterMilliseconds = min(state.laterMilliseconds, milliseconds)
        }
    }

    /// For a file on `device`; for one of which that is not known yet if nil.
    func milliseconds(on device: UInt64?) -> Int32 {
        state.withLock { state in
            let isShort = device.map { state.silentDevices.contains($0) } ?? state.hasMetSilence
            return min(state.firstMilliseconds, isShort ? state.laterMilliseconds : .max)
        }
    }

    /// A file did not answer.
    func noteSilence(on device: UInt64?) {
        state.withLock { state in
            state.hasMetSilence = true
            if let device { state.silentDevices.insert(device) }
        }
    }

    /// Whether a file did not answer.
    var hasMetSilence: Bool { state.withLock { $0.hasMetSilence } }
}
