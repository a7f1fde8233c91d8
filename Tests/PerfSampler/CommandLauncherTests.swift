import PerfSampler
import Primitives
import Testing

struct CommandLauncherTests {
    @Test("A command waits for go and then gives its exit status")
    func status() throws {
        var child = try CommandLauncher.launch(["sh", "-c", "exit 7"])
        let early = child.poll()
        #expect(early == nil)
        try child.go()
        let result = child.wait()
        #expect(result?.exitStatus == 7)
        #expect(result?.shellStatus == 7)
    }

    @Test("A command ended by a signal says so")
    func signal() throws {
        var child = try CommandLauncher.launch(["sh", "-c", "kill -TERM $$"])
        try child.go()
        let result = child.wait()
        #expect(result?.signal == 15)
        #expect(result?.shellStatus == 143)
    }

    @Test("A command that is not there is 'not found', one that cannot run is 'not executable'")
    func failures() throws {
        var missing = try CommandLauncher.launch(["sprof-no-such-command"])
        #expect(throws: SamplerError.commandNotFound("sprof-no-such-command")) { try missing.go() }
        var folder = try CommandLauncher.launch(["/etc/passwd"])
        do {
            try folder.go()
            Issue.record("ran /etc/passwd")
        } catch {
            guard case .commandNotExecutable = error else {
                Issue.record("\(error)")
                return
            }
        }
    }

    @Test("A launcher that is dropped leaves no child behind")
    func dropped() throws {
        let process: ProcessID
        do {
            let child = try CommandLauncher.launch(["sleep", "1000"])
            process = child.processID
        }
        #expect(ProcessTree.threads(of: process).isEmpty)
    }
}
