import Foundation
import Glibc

/// A page in a headless Chromium, driven through the DevTools protocol over its pipe: messages are JSON, each ended by a
/// zero byte, which Chromium reads from descriptor 3 and writes to 4.
///
/// Protocol: https://chromedevtools.github.io/devtools-protocol.
final class BrowserPage {
    /// Debian's package calls it so.
    static let program = "/usr/bin/chromium"
    static let isPresent = access(program, X_OK) == 0
    static let reason = "chromium is not installed"

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// Exceptions, failed loads and messages of the console that are errors.
    private(set) var problems: [String] = []

    private let folder: String
    private var process: pid_t = 0
    private var input: Int32 = -1
    private var output: Int32 = -1
    private var session: String?
    private var lastMessage = 0
    private var received: [UInt8] = []
    private var hasLoaded = false

    /// Opens `html` in a window of this size and waits until it has loaded.
    init(html: [UInt8], width: Int = 1200, height: Int = 700, isDark: Bool = false, fragment: String = "") throws {
        var template = Array("/tmp/sprof-browser-XXXXXX\0".utf8CString)
        folder = String(cString: mkdtemp(&template))
        let path = folder + "/page.html"
        try Data(html).write(to: URL(fileURLWithPath: path))
        try start(width: width, height: height)
        let created = try call("Target.createTarget", ["url": "about:blank"])
        let attached = try call(
            "Target.attachToTarget", ["targetId": created["targetId"] ?? "", "flatten": true])
        session = attached["sessionId"] as? String
        for domain in ["Page", "Runtime", "Log"] { _ = try call(domain + ".enable") }
        _ = try call(
            "Emulation.setEmulatedMedia",
            [
                "features": [
                    ["name": "prefers-color-scheme", "value": isDark ? "dark" : "light"],
                    ["name": "prefers-reduced-motion", "value": "reduce"],
                ]
            ])
        _ = try call("Page.navigate", ["url": "file://\(path)\(fragment)"])
        while !hasLoaded { try handle(receive()) }
        try settle()
    }

    deinit {
        close(input)
        close(output)
        var status: Int32 = 0
        kill(-process, SIGKILL)
        waitpid(process, &status, 0)
        try? FileManager.default.removeItem(atPath: folder)
    }

    // MARK: - What a user does

    func click(_ x: Double, _ y: Double) throws {
        for type in ["mouseMoved", "mousePressed", "mouseReleased"] {
            _ = try call(
                "Input.dispatchMouseEvent",
                ["type": type, "x": x, "y": y, "button": type == "mouseMoved" ? "none" : "left", "clickCount": 1])
        }
        try settle()
    }

    func move(_ x: Double, _ y: Double) throws {
        _ = try call("Input.dispatchMouseEvent", ["type": "mouseMoved", "x": x, "y": y])
        try settle()
    }

    /// Presses a key by its name, such as `ArrowDown`, or a character.
    func press(_ key: String) throws {
        let codes = [
            "Enter": 13, "Escape": 27, "Backspace": 8, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39,
            "ArrowDown": 40,
        ]
        var event: [String: Any] = ["key": key]
        if let code = codes[key] { event["windowsVirtualKeyCode"] = code }
        if key == "Enter" { event["text"] = "\r" }
        if key.count == 1 { event["text"] = key }
        _ = try call("Input.dispatchKeyEvent", event.merging(["type": "keyDown"]) { $1 })
        _ = try call("Input.dispatchKeyEvent", ["type": "keyUp", "key": key])
        try settle()
    }

    func type(_ text: String) throws {
        _ = try call("Input.insertText", ["text": text])
        try settle()
    }

    // MARK: - What there is to see

    /// The value of a JavaScript expression as text; what is no text comes as JSON.
    func evaluate(_ expression: String) throws -> String {
        let wrapped = "(() => { const v = (\(expression)); return typeof v === 'string' ? v : JSON.stringify(v); })()"
        let answer = try call("Runtime.evaluate", ["expression": wrapped, "returnByValue": true])
        if let details = answer["exceptionDetails"] { throw Failure(description: "\(expression): \(details)") }
        return (answer["result"] as? [String: Any])?["value"] as? String ?? "undefined"
    }

    /// Where the first box with this name is drawn.
    func box(_ name: String) throws -> (x: Double, y: Double, width: Double) {
        let text = try evaluate(
            """
            (() => { const { tree, view } = flamePage;
                for (let node = 0; node < tree.count; node++) {
                    if (tree.name(node) !== \(Self.quoted(name))) continue;
                    const box = view.boxOf(node);
                    if (box) return [box.left + box.width / 2, box.top + box.height / 2, box.width].join(" ");
                }
                return ""; })()
            """)
        let numbers = text.split(separator: " ").compactMap { Double($0) }
        guard numbers.count == 3 else { throw Failure(description: "\(name) is not drawn") }
        return (numbers[0], numbers[1], numbers[2])
    }

    func click(on name: String) throws {
        let box = try box(name)
        try click(box.x, box.y)
    }

    /// The colour in the middle of the right edge of a box, where no text is.
    func color(of name: String) throws -> [Int] {
        let box = try box(name)
        let text = try evaluate(
            """
            (() => { const ratio = devicePixelRatio, area = flamePage.view.scroller.getBoundingClientRect();
                const x = (\(box.x + box.width / 2 - 4) - area.left) * ratio, y = (\(box.y + 6) - area.top) * ratio;
                return [...flamePage.view.context.getImageData(x, y, 1, 1).data.slice(0, 3)].join(" "); })()
            """)
        return text.split(separator: " ").compactMap { Int($0) }
    }

    /// Writes a picture of the window, as PNG.
    func capture(to path: String) throws {
        let answer = try call("Page.captureScreenshot")
        guard let data = Data(base64Encoded: answer["data"] as? String ?? "") else { return }
        try data.write(to: URL(fileURLWithPath: path))
    }

    // MARK: - The protocol

    private static func quoted(_ text: String) -> String {
        let data = try? JSONSerialization.data(withJSONObject: [text])
        return String(decoding: data ?? Data(), as: UTF8.self) + "[0]"
    }

    /// Waits until the page has drawn what it was asked to draw.
    private func settle() throws {
        let twoFrames = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
        _ = try call("Runtime.evaluate", ["expression": twoFrames, "awaitPromise": true])
    }

    private func start(width: Int, height: Int) throws {
        var toBrowser: [Int32] = [0, 0]
        var fromBrowser: [Int32] = [0, 0]
        guard pipe(&toBrowser) == 0, pipe(&fromBrowser) == 0 else { throw Failure(description: "no pipes") }
        for descriptor in toBrowser + fromBrowser { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        (input, output) = (toBrowser[1], fromBrowser[0])
        // Above 4, so that putting one in place does not close the other.
        let reading = fcntl(toBrowser[0], F_DUPFD_CLOEXEC, 10)
        let writing = fcntl(fromBrowser[1], F_DUPFD_CLOEXEC, 10)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, reading, 3)
        posix_spawn_file_actions_adddup2(&actions, writing, 4)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
        let arguments = [
            Self.program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--no-first-run", "--disable-extensions", "--disable-background-networking", "--hide-scrollbars",
            "--remote-debugging-pipe", "--user-data-dir=\(folder)/data", "--window-size=\(width),\(height)",
        ]
        var strings: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
        defer { strings.forEach { free($0) } }
        strings.append(nil)
        let code = posix_spawn(&process, Self.program, &actions, &attributes, strings, environ)
        for descriptor in [toBrowser[0], fromBrowser[1], reading, writing] { close(descriptor) }
        guard code == 0 else { throw Failure(description: "cannot start chromium: \(code)") }
    }

    private func call(_ method: String, _ parameters: [String: Any] = [:]) throws -> [String: Any] {
        lastMessage += 1
        let id = lastMessage
        var message: [String: Any] = ["id": id, "method": method, "params": parameters]
        if let session { message["sessionId"] = session }
        var bytes = [UInt8](try JSONSerialization.data(withJSONObject: message)) + [0]
        while !bytes.isEmpty {
            let count = write(input, bytes, bytes.count)
            guard count > 0 else { throw Failure(description: "\(method): chromium is gone") }
            bytes.removeFirst(count)
        }
        while true {
            let answer = try receive()
            if answer["id"] as? Int == id {
                if let error = answer["error"] { throw Failure(description: "\(method): \(error)") }
                return answer["result"] as? [String: Any] ?? [:]
            }
            handle(answer)
        }
    }

    private func handle(_ event: [String: Any]) {
        let parameters = event["params"] as? [String: Any] ?? [:]
        switch event["method"] as? String {
        case "Page.loadEventFired": hasLoaded = true
        case "Runtime.exceptionThrown": problems.append("\(parameters)")
        case "Log.entryAdded":
            let entry = parameters["entry"] as? [String: Any] ?? [:]
            if entry["level"] as? String == "error" { problems.append("\(entry)") }
        case "Runtime.consoleAPICalled":
            if ["error", "assert"].contains(parameters["type"] as? String) { problems.append("\(parameters)") }
        default: break
        }
    }

    private func receive() throws -> [String: Any] {
        while true {
            if let end = received.firstIndex(of: 0) {
                let message = Data(received[..<end])
                received.removeSubrange(...end)
                return try JSONSerialization.jsonObject(with: message) as? [String: Any] ?? [:]
            }
            var descriptor = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            guard poll(&descriptor, 1, 60_000) > 0 else { throw Failure(description: "chromium does not answer") }
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            let count = read(output, &buffer, buffer.count)
            guard count > 0 else { throw Failure(description: "chromium ended") }
            received += buffer[..<count]
        }
    }
}
