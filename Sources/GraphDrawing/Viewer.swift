import Glibc
public import Primitives

/// Programs that show a file to the user.
public enum Viewer {
    /// The commands that may open a page: the user's choice first, then browsers, which run the scripts in images, and
    /// last what a desktop takes for the kind of file.
    ///
    /// The list is that of google/pprof `internal/driver/commands.go`.
    public static func browsers(_ environment: (String) -> String?) -> [String] {
        var commands = ["chrome", "google-chrome", "chromium", "firefox", "sensible-browser"]
        if let chosen = environment("BROWSER"), !chosen.isEmpty { commands.insert(chosen, at: 0) }
        if let display = environment("DISPLAY"), !display.isEmpty { commands.append("xdg-open") }
        return commands
    }

    /// Starts the first of `commands` that there is on the file at `path`.
    ///
    /// - Parameter waits: Whether to wait for its end. If not, it runs beside us, and has a second to open the file.
    /// - Returns: The status of the program: 0 if it was not waited for.
    public static func show(_ path: String, with commands: [String], waits: Bool) throws(SystemError) -> Int32 {
        var problem = SystemError(code: ENOENT, operation: "start a viewer")
        for command in commands {
            let words = command.split(separator: " ").map(String.init)
            guard !words.isEmpty else { continue }
            do throws(SystemError) {
                let process = try ChildProcess.start(words + [path])
                // Also when it is waited for: some only hand the file on to a running program, and end.
                let started = ContinuousClock.now
                let status = waits ? ChildProcess.wait(for: process) : 0
                let rest = (started + .seconds(1)) - .now
                if rest > .zero { usleep(UInt32(rest.components.attoseconds / 1_000_000_000_000)) }
                return status
            } catch {
                problem = error
            }
        }
        throw problem
    }
}
