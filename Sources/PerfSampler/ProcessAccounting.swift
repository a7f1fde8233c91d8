import Glibc
public import Primitives

/// The kernel's own account of the CPU time that processes use, to hold the samples against.
///
/// Processes are read with their exact CPU clocks; children that have ended count, in ticks, once their parent has
/// waited for them. What a child used between the last `refresh` and its end is lost if nobody waits for it, and so is what
/// one of the processes themselves used: see ``isComplete``.
public struct ProcessAccounting: Sendable {
    private struct Account {
        var baseline: UInt64
        var latest: UInt64
        var parent: ProcessID?
        var isRoot: Bool
    }

    private var accounts: [ProcessID: Account] = [:]
    private let roots: [ProcessID]
    private let includeChildren: Bool
    /// What ended processes have used that no living parent accounts for.
    private var finishedNanoseconds: UInt64 = 0

    /// Starts the account of `processes` at their present CPU time.
    public init(_ processes: [ProcessID], includeChildren: Bool) {
        roots = processes
        self.includeChildren = includeChildren
        for process in includeChildren ? ProcessTree.withDescendants(processes) : processes {
            guard let now = read(process) else { continue }
            accounts[process] = Account(
                baseline: now.nanoseconds, latest: now.nanoseconds, parent: now.parent,
                isRoot: processes.contains(process))
        }
    }

    /// Reads the CPU times again, before processes end; some 20 µs for each process known. To find new children, which
    /// `findsChildren` asks for, each process of the machine is read.
    public mutating func refresh(findsChildren: Bool = true) {
        let findsChildren = findsChildren && includeChildren
        var current = findsChildren ? ProcessTree.withDescendants(roots) : Array(accounts.keys)
        if findsChildren {
            // Descendants whose parent has gone are no longer found below the roots.
            let known = Set(current)
            current += accounts.keys.filter { !known.contains($0) }
        }
        var alive = Set<ProcessID>()
        for process in current {
            guard let now = read(process) else { continue }
            alive.insert(process)
            if var account = accounts[process] {
                account.latest = max(account.latest, now.nanoseconds)
                accounts[process] = account
            } else {
                accounts[process] = Account(
                    baseline: 0, latest: now.nanoseconds, parent: now.parent, isRoot: roots.contains(process))
            }
        }
        if !alive.isSuperset(of: roots) { isComplete = false }
        for (process, account) in accounts where !alive.contains(process) && !account.isRoot {
            accounts[process] = nil
            // A living parent that waited has the time in its own account, from before the recording too.
            if let parent = account.parent, alive.contains(parent) {
                accounts[parent]?.baseline &+= account.baseline
            } else {
                finishedNanoseconds &+= account.latest &- account.baseline
            }
        }
    }

    /// Whether all of the processes were there at the last `refresh`.
    public private(set) var isComplete = true

    /// The CPU time used since the start, in nanoseconds, as of the last `refresh`; of processes that have ended since, less
    /// than they used.
    public var totalNanoseconds: UInt64 {
        accounts.values.reduce(finishedNanoseconds) { sum, account in
            sum &+ (account.latest > account.baseline ? account.latest - account.baseline : 0)
        }
    }

    /// Nil if the process is gone, or a zombie whose time its parent is about to get.
    private func read(_ process: ProcessID) -> (nanoseconds: UInt64, parent: ProcessID)? {
        guard let statistics = ProcessStatistics(of: process), let own = Clock.cpuNanoseconds(of: process) else {
            return nil
        }
        let ticksPerSecond = UInt64(max(1, sysconf(Int32(_SC_CLK_TCK))))
        let children = includeChildren ? statistics.childrenTicks &* (1_000_000_000 / ticksPerSecond) : 0
        return (own &+ children, statistics.parentProcessID)
    }
}
