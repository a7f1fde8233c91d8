import Glibc
import Primitives
import Testing

@testable import Recorder

/// Processes and threads by their numbers and names.
@Suite struct TaskTablesTests {
    @Test("Ids find their index while the table grows, unknown ones find nothing, and an id may be given anew")
    func identifiers() {
        var table = IDTable()
        #expect(table[0] == nil)
        for id in Int32(0)..<5000 { table.set(id &* 97, to: Int(id)) }
        var wrong = 0
        for id in Int32(0)..<5000 {
            if table[id &* 97] != Int(id) { wrong += 1 }
            if table[id &* 97 + 1] != nil { wrong += 1 }
        }
        table.set(97, to: 70_000)
        #expect(table[97] == 70_000)
        #expect(table[-1] == nil)
        #expect(wrong == 0)
    }

    @Test("A new thread bears the name of the thread that made it until it gets its own")
    func threadNames() throws {
        var table = ThreadTable()
        table.rename(ThreadID(10), in: ProcessID(10), "server")
        table.inherit(ThreadID(11), in: ProcessID(10), from: ThreadID(10), in: ProcessID(10))
        let inherited = table.labels(of: ThreadID(11), in: ProcessID(10))
        table.rename(ThreadID(11), in: ProcessID(10), "worker")
        let renamed = table.labels(of: ThreadID(11), in: ProcessID(10))
        #expect(table.labels[Int(try #require(inherited))] == labels(10, 11, "server", "server"))
        #expect(table.labels[Int(try #require(renamed))] == labels(10, 11, "worker", "server"))
    }

    @Test("A forked process is called as the thread that forked it, and exec renames only the child")
    func forkAndExec() throws {
        var table = ThreadTable()
        table.rename(ThreadID(10), in: ProcessID(10), "sh")
        table.inherit(ThreadID(20), in: ProcessID(20), from: ThreadID(10), in: ProcessID(10))
        let forked = table.labels(of: ThreadID(20), in: ProcessID(20))
        table.rename(ThreadID(20), in: ProcessID(20), "cc1")
        let child = table.labels(of: ThreadID(20), in: ProcessID(20))
        let parent = table.labels(of: ThreadID(10), in: ProcessID(10))
        #expect(table.labels[Int(try #require(forked))] == labels(20, 20, "sh", "sh"))
        #expect(table.labels[Int(try #require(child))] == labels(20, 20, "cc1", "cc1"))
        #expect(table.labels[Int(try #require(parent))] == labels(10, 10, "sh", "sh"))
    }

    @Test("When the main thread is renamed its other threads belong to the new process name")
    func processRenamed() throws {
        var table = ThreadTable()
        table.rename(ThreadID(10), in: ProcessID(10), "old")
        table.rename(ThreadID(11), in: ProcessID(10), "worker")
        table.rename(ThreadID(12), in: ProcessID(12), "other")
        let before = table.labels(of: ThreadID(11), in: ProcessID(10))
        table.rename(ThreadID(10), in: ProcessID(10), "new")
        let after = table.labels(of: ThreadID(11), in: ProcessID(10))
        let other = table.labels(of: ThreadID(12), in: ProcessID(12))
        #expect(table.labels[Int(try #require(before))].processName == "old")
        #expect(table.labels[Int(try #require(after))] == labels(10, 11, "worker", "new"))
        #expect(table.labels[Int(try #require(other))].processName == "other")
    }

    @Test("A thread number that the kernel used again in another process is unknown there until it is named")
    func reusedNumber() {
        var table = ThreadTable()
        table.rename(ThreadID(11), in: ProcessID(10), "first")
        #expect(table.labels(of: ThreadID(11), in: ProcessID(30)) == nil)
        table.rename(ThreadID(11), in: ProcessID(30), "second")
        #expect(table.labels(of: ThreadID(11), in: ProcessID(10)) == nil)
        let again = table.labels(of: ThreadID(11), in: ProcessID(30))
        #expect(again.map { table.labels[Int($0)] } == labels(30, 11, "second", "second"))
    }

    @Test("A name that comes back is the same label again")
    func labelsAreShared() {
        var table = ThreadTable()
        var numbers: [UInt32?] = []
        for name in ["a", "b", "a"] {
            table.rename(ThreadID(10), in: ProcessID(10), name)
            numbers.append(table.labels(of: ThreadID(10), in: ProcessID(10)))
        }
        #expect(numbers[0] != nil && numbers[0] == numbers[2] && numbers[0] != numbers[1])
        #expect(table.labels.count == 2)
    }

    @Test("Names that no sample has leave nothing behind")
    func unusedNames() {
        var table = ThreadTable()
        for thread in Int32(10)..<20 { table.rename(ThreadID(thread), in: ProcessID(10), "worker") }
        for number in 0..<1000 { table.rename(ThreadID(10), in: ProcessID(10), "job \(number)") }
        #expect(table.labels.isEmpty)
        let number = table.labels(of: ThreadID(15), in: ProcessID(10))
        #expect(number.map { table.labels[Int($0)] } == labels(10, 15, "worker", "job 999"))
        #expect(table.labels.count == 1)
    }

    @Test("This process is adopted by the name that /proc tells, a dead one and the idle task get a name too")
    func adoption() {
        var table = ThreadTable()
        let own = table.adopt(ThreadID(getpid()), in: ProcessID(getpid()))
        #expect(table.labels[Int(own)].processName == text(ofSmallFile: "/proc/self/comm"))
        let idle = table.adopt(ThreadID(0), in: ProcessID(0))
        #expect(table.labels[Int(idle)].threadName == "swapper")
        let dead = table.adopt(ThreadID(.max), in: ProcessID(.max))
        #expect(table.labels[Int(dead)].threadName == "[\(Int32.max)]")
    }

    private func labels(_ process: Int32, _ thread: Int32, _ name: String, _ processName: String) -> ThreadLabels {
        ThreadLabels(
            process: ProcessID(process), thread: ThreadID(thread), threadName: name, processName: processName)
    }
}
