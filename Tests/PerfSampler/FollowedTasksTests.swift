import Testing

@testable import PerfSampler

/// `#expect` for answers of mutating methods, which the macro cannot call.
private func expect(_ answer: Bool, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(answer, sourceLocation: sourceLocation)
}

struct FollowedTasksTests {
    @Test
    func `Children and grandchildren of a process tree are followed, strangers are not`() {
        var tasks = FollowedTasks(rule: .processTrees)
        tasks.add(process: 10)
        expect(tasks.fork(process: 11, from: 10))
        expect(tasks.fork(process: 12, from: 11))
        expect(!tasks.fork(process: 21, from: 20))
        #expect(tasks.contains(process: 12) && !tasks.contains(process: 21))
    }

    @Test
    func `A process is followed until it has ended, whatever the number of its threads seemed to be`() {
        var tasks = FollowedTasks(rule: .processTrees)
        tasks.add(process: 10)
        // Threads that started before the first record, or whose records were lost.
        for thread in Int32(11)..<20 { expect(tasks.exit(process: 10, thread: thread)) }
        tasks.forgetEnded { _ in true }
        tasks.forgetEnded { _ in true }
        #expect(tasks.contains(process: 10))
        expect(tasks.exit(process: 10, thread: 10))
        // The records of its other threads may still be on their way.
        tasks.forgetEnded { _ in true }
        expect(tasks.exit(process: 10, thread: 20))
        tasks.forgetEnded { _ in true }
        #expect(!tasks.contains(process: 10))
        expect(!tasks.exit(process: 10, thread: 21))
    }

    @Test
    func `A process without its main thread is followed as long as it lives`() {
        var tasks = FollowedTasks(rule: .processTrees)
        tasks.add(process: 10)
        expect(tasks.exit(process: 10, thread: 10))
        for _ in 0..<5 { tasks.forgetEnded { _ in false } }
        #expect(tasks.contains(process: 10))
        tasks.forgetEnded { _ in true }
        #expect(!tasks.contains(process: 10))
    }

    @Test
    func `Without children a child is not followed, a thread is`() {
        var tasks = FollowedTasks(rule: .processes)
        tasks.add(process: 10)
        expect(!tasks.fork(process: 11, from: 10))
        expect(tasks.fork(process: 10, from: 10))
        #expect(tasks.keepsSample(process: 10, thread: 99))
        #expect(!tasks.keepsSample(process: 11, thread: 11))
    }

    @Test
    func `A stranger who gets the number of an ended target is not sampled`() {
        var tasks = FollowedTasks(rule: .processes)
        tasks.add(process: 10)
        expect(tasks.exit(process: 10, thread: 10))
        for _ in 0..<2 { tasks.forgetEnded { _ in true } }
        #expect(!tasks.keepsSample(process: 10, thread: 10))

        var threads = FollowedTasks(rule: .threads)
        threads.add(thread: 31, of: 30)
        #expect(threads.keepsSample(process: 30, thread: 31) && !threads.keepsSample(process: 30, thread: 30))
        expect(threads.exit(process: 30, thread: 31))
        #expect(!threads.keepsSample(process: 30, thread: 31))
    }

    @Test
    func `The mappings of a thread's process are followed, and stay so when its other threads end`() {
        var tasks = FollowedTasks(rule: .threads)
        tasks.add(thread: 31, of: 30)
        expect(tasks.fork(process: 30, from: 30))
        expect(tasks.exit(process: 30, thread: 35))
        #expect(tasks.contains(process: 30))
        expect(tasks.exit(process: 30, thread: 31))
        #expect(!tasks.contains(process: 30))
    }

    @Test
    func `A command counts from its exec on`() {
        var tasks = FollowedTasks(rule: .processTrees)
        tasks.add(process: 10, isAwaited: true)
        #expect(!tasks.keepsSample(process: 10, thread: 10) && !tasks.contains(process: 10))
        tasks.execute(process: 9)
        #expect(!tasks.keepsSample(process: 10, thread: 10))
        tasks.execute(process: 10)
        #expect(tasks.keepsSample(process: 10, thread: 10) && tasks.contains(process: 10))
    }
}
