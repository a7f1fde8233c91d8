import Glibc
public import Primitives

/// Layout and drawing of graphs by Graphviz's program `dot`.
public enum Graphviz {
    /// Why there is no drawing.
    public enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// `dot` is not there.
        case notInstalled
        /// It was not to be started.
        case cannotRun(SystemError)
        /// It ended with this status, having told why.
        case failed(status: Int32)

        /// The problem, and what the user can do.
        public var description: String {
            switch self {
            case .notInstalled:
                """
                failed to execute dot. Is Graphviz installed? Install it: apt-get install graphviz
                Without it: sprof flamegraph draws a profile as a page that needs nothing but a browser.
                """
            case .cannotRun(let error): "failed to execute dot: \(error)"
            case .failed(let status): "failed to execute dot: exit status \(status)"
            }
        }
    }

    /// The drawing of `graph`, which is in Graphviz's language, in a format that `dot -T` knows.
    public static func draw(_ graph: [UInt8], as format: String) throws(Failure) -> [UInt8] {
        let outcome: ChildProcess.Outcome
        do throws(SystemError) {
            outcome = try ChildProcess.run(["dot", "-T" + format], input: graph)
        } catch {
            throw error.code == ENOENT ? .notInstalled : .cannotRun(error)
        }
        guard outcome.status == 0 else { throw .failed(status: outcome.status) }
        return outcome.output
    }
}
