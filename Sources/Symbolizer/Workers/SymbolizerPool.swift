internal import Glibc
internal import Primitives

/// The limits on a pool's workers.
public struct SymbolizerPoolLimits: Sendable {
    /// The time for one file, in whole seconds.
    public var secondsPerFile: Int
    /// Bytes of one file's answer.
    public var answerByteCount: Int

    /// The limits that suit a recording, or others.
    public init(secondsPerFile: Int = 60, answerByteCount: Int = 256 << 20) {
        self.secondsPerFile = secondsPerFile
        self.answerByteCount = answerByteCount
    }
}

/// Turns addresses into names in worker processes, several files side by side.
///
/// Debug information is a stranger's input for large decoders, some of them not ours; a file that crashes or hangs its worker
/// costs its own names only. It is tried again in a fresh worker, first without the system's demanglers, then with the symbol
/// table alone, and failing that reported.
/// Workers are started when there is work for them, kept for the next call, and killed with the pool. Use a pool from one thread:
/// the kernel ends the workers with the thread that started them.
public struct SymbolizerPool: ~Copyable {
    /// A worker, and what it is at.
    private struct Slot {
        var worker: WorkerProcess
        var conversation: WorkerConversation?
        /// Whether it has answered before, and so is not fresh.
        var isUsed = false
    }

    /// A file to be done.
    private struct Work {
        let index: Int
        let effort: SymbolizeEffort
    }

    private let workerExecutable: String
    private let workerCount: Int
    private let limits: SymbolizerPoolLimits
    private var slots: [Slot] = []

    /// A pool that starts no process yet.
    ///
    /// - Parameters:
    ///   - workerExecutable: The program that calls ``runSymbolizeWorker(socket:)`` when its first argument is ``symbolizeWorkerArgument``.
    ///   - workerCount: The most workers at a time; nil for one per core, up to four.
    public init(
        workerExecutable: String = "/proc/self/exe", workerCount: Int? = nil,
        limits: SymbolizerPoolLimits = SymbolizerPoolLimits()
    ) {
        self.workerExecutable = workerExecutable
        self.workerCount = max(1, workerCount ?? min(4, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        self.limits = limits
    }

    /// The names for each request, in the order of the requests; `progress` is called with the numbers of files and of addresses that are
    /// done, after each file or part of a large one.
    public mutating func symbolize(
        _ requests: [SymbolizeRequest], progress: (_ modulesDone: Int, _ addressesDone: Int) -> Void = { _, _ in }
    ) -> [Result<SymbolizeAnswer, SymbolizeFailure>] {
        let parts = RequestParts(requests, workerCount: workerCount)
        var partsLeft = [Int](repeating: 0, count: requests.count)
        for owner in parts.owners { partsLeft[owner] += 1 }
        var modulesDone = 0
        var addressesDone = 0
        let results = symbolizeParts(parts.requests) { part in
            let owner = parts.owners[part]
            partsLeft[owner] -= 1
            if partsLeft[owner] == 0 { modulesDone += 1 }
            addressesDone += parts.requests[part].addresses.count
            progress(modulesDone, addressesDone)
        }
        return parts.joined(results)
    }

    /// The same without cutting; `done` is told the index of each request that is finished.
    private mutating func symbolizeParts(
        _ requests: [SymbolizeRequest], done: (Int) -> Void
    ) -> [Result<SymbolizeAnswer, SymbolizeFailure>] {
        var results = [Result<SymbolizeAnswer, SymbolizeFailure>?](repeating: nil, count: requests.count)
        // The largest first, taken from the end: the last one to finish is then a small one.
        var waiting = requests.indices.sorted { requests[$0].addresses.count < requests[$1].addresses.count }
            .map { Work(index: $0, effort: .full) }
        var lastFailures: [Int: SymbolizeFailure] = [:]
        var scratch = [UInt8](repeating: 0, count: 1 << 16)

        func finish(_ index: Int, _ result: Result<SymbolizeAnswer, SymbolizeFailure>) {
            results[index] = result
            done(index)
        }
        func fail(_ conversation: WorkerConversation, _ failure: SymbolizeFailure) {
            if let effort = conversation.effort.next {
                lastFailures[conversation.work] = failure
                waiting.append(Work(index: conversation.work, effort: effort))
            } else {
                finish(conversation.work, .failure(failure))
            }
        }

        while true {
            while let work = waiting.last, let slot = slotForWork(isRepeated: work.effort != .full) {
                waiting.removeLast()
                switch slot {
                case .failure(let error): finish(work.index, .failure(.cannotStart(error)))
                case .success(let slot):
                    let failure = start(work, requests[work.index], in: slot)
                    if let failure { finish(work.index, .failure(failure)) }
                }
            }
            if !slots.contains(where: { $0.conversation != nil }) { break }
            waitForWorkers()
            let now = ContinuousClock.now
            // Backwards, since a failure takes the slot away.
            for index in slots.indices.reversed() {
                guard var conversation = slots[index].conversation else { continue }
                // Taken out of the slot, so that its bytes have one owner and grow in place.
                slots[index].conversation = nil
                let progress = conversation.step(slots[index].worker.socket, scratch: &scratch)
                slots[index].conversation = conversation
                switch progress {
                case .waiting:
                    guard now >= conversation.deadline else { continue }
                    _ = slots.remove(at: index).worker.end()
                    fail(conversation, .timedOut(seconds: limits.secondsPerFile))
                case .unsendable(let error):
                    // The worker knows nothing of it yet.
                    slots[index].conversation = nil
                    finish(conversation.work, .failure(.file("\(requests[conversation.work].path): \(error)")))
                case .ended:
                    fail(conversation, .workerEnded(slots.remove(at: index).worker.end()))
                case .invalid:
                    _ = slots.remove(at: index).worker.end()
                    fail(conversation, .invalidAnswer)
                case .answered(let bytes):
                    let count = requests[conversation.work].addresses.count
                    switch try? WorkerAnswer(decoding: bytes, addressCount: count) {
                    case nil:
                        _ = slots.remove(at: index).worker.end()
                        fail(conversation, .invalidAnswer)
                    case .failure(let message):
                        slots[index].conversation = nil
                        finish(conversation.work, .failure(.file(message)))
                    case .success(var answer):
                        slots[index].conversation = nil
                        answer.effort = conversation.effort
                        if let failure = lastFailures[conversation.work] {
                            let path = requests[conversation.work].path
                            answer.warnings.append("\(path): \(Self.loss(conversation.effort)): \(failure)")
                        }
                        finish(conversation.work, .success(answer))
                    }
                }
            }
        }
        return results.map { $0 ?? .failure(.invalidAnswer) }
    }

    /// What a file has lost by a smaller effort, for the user.
    private static func loss(_ effort: SymbolizeEffort) -> String {
        effort == .symbolTable ? "debug information is not used" : "Swift names stay mangled"
    }

    /// The index of a slot without work, in which a worker runs; nil if all are busy. One that is to be fresh has answered nothing yet.
    private mutating func slotForWork(isRepeated: Bool) -> Result<Int, SystemError>? {
        if let idle = slots.firstIndex(where: { $0.conversation == nil && !(isRepeated && $0.isUsed) }) {
            return .success(idle)
        }
        if slots.count >= workerCount {
            guard let used = slots.firstIndex(where: { $0.conversation == nil }) else { return nil }
            slots.remove(at: used)
        }
        do throws(SystemError) {
            slots.append(Slot(worker: try WorkerProcess(executable: workerExecutable)))
        } catch {
            return .failure(error)
        }
        return .success(slots.count - 1)
    }

    /// Begins the conversation about a file; the failure if its request cannot be sent.
    private mutating func start(_ work: Work, _ request: SymbolizeRequest, in slot: Int) -> SymbolizeFailure? {
        let whole = WorkerRequest(
            request: request, effort: work.effort,
            timeLimitSeconds: UInt32(clamping: limits.secondsPerFile))
        guard let message = whole.encoded() else { return .file("\(request.path): too many addresses") }
        slots[slot].isUsed = true
        slots[slot].conversation = WorkerConversation(
            work: work.index, effort: work.effort,
            deadline: .now + .seconds(limits.secondsPerFile), message: message, file: request.file,
            target: request.target, answerByteLimit: limits.answerByteCount)
        return nil
    }

    /// Waits until a busy worker's socket is ready or its time is over.
    private func waitForWorkers() {
        var sockets: [pollfd] = []
        var first: ContinuousClock.Instant?
        for slot in slots {
            guard let conversation = slot.conversation else { continue }
            sockets.append(pollfd(fd: slot.worker.socket.raw, events: conversation.events, revents: 0))
            first = first.map { min($0, conversation.deadline) } ?? conversation.deadline
        }
        guard let first else { return }
        let rest = ContinuousClock.now.duration(to: first).components
        // Rounded up, so that the deadline has passed afterwards.
        let milliseconds = max(0, rest.seconds * 1000 + rest.attoseconds / 1_000_000_000_000_000 + 1)
        _ = unsafe poll(&sockets, nfds_t(sockets.count), Int32(clamping: milliseconds))
    }
}
