internal import CLinux
internal import Glibc
internal import Primitives
internal import Synchronization

/// The runners of this process: one that works, replaced when it is lost, and one that starts the others.
///
/// All have the same descriptors, so that what one has opened outlives it. They are made when they are first needed.
final class Errands: Sendable {
    static let shared = Errands()

    private struct State {
        var first: ErrandRunner?
        var current: ErrandRunner?
        /// Of those that were lost, too.
        var processes: [ProcessID] = []
    }

    private let state = Mutex(State())

    /// What `body` gives, whose calls may take `milliseconds` altogether; ETIMEDOUT if they took longer.
    func run<Result>(
        milliseconds: Int32, _ body: (inout Errand, ErrandRunner) throws(SystemError) -> Result
    ) throws(SystemError) -> Result {
        // The lock's own closure cannot tell the kind of its errors where it is given one.
        var result: Swift.Result<Result, SystemError>?
        state.withLock { state in
            do throws(SystemError) {
                let runner = try Self.runner(&state)
                var errand = Errand(runner, milliseconds: milliseconds)
                do throws(SystemError) {
                    result = .success(try body(&errand, runner))
                } catch {
                    result = .failure(error)
                }
                if errand.isGivenUp { state.current = nil }
            } catch {
                result = .failure(error)
            }
        }
        guard let result else { throw SystemError(code: ECANCELED, operation: "read") }
        return try result.get()
    }

    /// The CPU time that the runners have used until now.
    var cpuNanoseconds: UInt64 {
        state.withLock { state in state.processes.reduce(0) { $0 + (Clock.cpuNanoseconds(of: $1) ?? 0) } }
    }

    private static func runner(_ state: inout State) throws(SystemError) -> ErrandRunner {
        if let current = state.current { return current }
        let runner: ErrandRunner
        do throws(SystemError) {
            let first: ErrandRunner
            if let known = state.first {
                first = known
            } else {
                first = try ErrandRunner()
                state.first = first
            }
            runner = try ErrandRunner(by: first)
        } catch {
            // Without them as ever: a container's rules may refuse clone(2).
            guard state.processes.isEmpty else { throw error }
            runner = try ErrandRunner.here()
        }
        if let process = runner.process { state.processes.append(process) }
        state.current = runner
        return runner
    }
}
