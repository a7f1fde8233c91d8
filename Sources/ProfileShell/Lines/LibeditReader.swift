import Glibc

/// Lines that a user edits in the terminal, with the lines before and with words that end themselves, by libedit.
///
/// The library (BSD's editline, by its interface of GNU readline's, readline(3) of libedit) is loaded when a shell starts, so
/// that no other command pays for it and none needs it to be installed. There is at most one reader at a time: libedit's
/// state is one per process.
@safe
public final class LibeditReader: LineReader {
    private typealias ReadLine = @convention(c) (UnsafePointer<CChar>?) -> UnsafeMutablePointer<CChar>?
    private typealias AddHistory = @convention(c) (UnsafePointer<CChar>?) -> Int32
    private typealias StifleHistory = @convention(c) (Int32) -> Void

    private let prompt: String
    private let history: ShellHistory
    private let read: ReadLine
    private let add: AddHistory
    private var lastLine = ""

    /// Nil where libedit is not installed.
    public init?(prompt: String, history: ShellHistory, completer: Completer) {
        guard let library = unsafe dlopen("libedit.so.2", RTLD_NOW | RTLD_GLOBAL),
            let read = unsafe dlsym(library, "readline"), let add = unsafe dlsym(library, "add_history"),
            let stifle = unsafe dlsym(library, "stifle_history"), let start = unsafe dlsym(library, "using_history"),
            let output = unsafe dlsym(library, "rl_outstream"), let errors = unsafe dlsym(nil, "stderr"),
            let completeSlot = unsafe dlsym(library, "rl_attempted_completion_function"),
            let breaks = unsafe dlsym(library, "rl_basic_word_break_characters"),
            let suffix = unsafe dlsym(library, "rl_completion_append_character"),
            let isOver = unsafe dlsym(library, "rl_attempted_completion_over"),
            let line = unsafe dlsym(library, "rl_line_buffer"), let cursor = unsafe dlsym(library, "rl_point")
        else { return nil }
        Self.readUTF8()
        self.prompt = prompt
        self.history = history
        unsafe self.read = unsafeBitCast(read, to: ReadLine.self)
        unsafe self.add = unsafeBitCast(add, to: AddHistory.self)
        // Standard output is for reports, and may be a file.
        unsafe output.storeBytes(of: errors.load(as: OpaquePointer?.self), as: OpaquePointer?.self)
        unsafe unsafeBitCast(start, to: (@convention(c) () -> Void).self)()
        unsafe unsafeBitCast(stifle, to: StifleHistory.self)(Int32(ShellHistory.lineLimit))
        for entry in history.load() { remember(entry) }
        unsafe completionState = CompletionState(
            completer: completer, suffix: suffix.assumingMemoryBound(to: Int32.self),
            isOver: isOver.assumingMemoryBound(to: Int32.self),
            line: line.assumingMemoryBound(to: UnsafeMutablePointer<CChar>?.self),
            cursor: cursor.assumingMemoryBound(to: Int32.self))
        let complete: CompletionFunction = { word, _, _ in unsafe proposeCompletions(word) }
        unsafe completeSlot.storeBytes(of: complete, as: CompletionFunction.self)
        // Only spaces divide words: expressions hold everything else.
        unsafe breaks.storeBytes(of: strdup(" \t\n"), as: UnsafeMutablePointer<CChar>?.self)
    }

    deinit { unsafe completionState = nil }

    /// Has libedit read what is typed as UTF-8. It decodes by the locale, and in one of another encoding, as `C` and `POSIX`
    /// are, drops what it cannot decode: `focus=é` would become `focus=`. Numbers stay as they are.
    private static func readUTF8() {
        let isUTF8 =
            unsafe setlocale(LC_CTYPE, "") != nil
            && nl_langinfo(nl_item(_NL_CTYPE_CODESET_NAME)).map { unsafe String(cString: $0) } == "UTF-8"
        if !isUTF8 { unsafe _ = setlocale(LC_CTYPE, "C.UTF-8") }
    }

    public func readLine() -> String? {
        guard let text = unsafe read(prompt) else {
            guard ShellInterrupts.take() else { return nil }
            writeText("\n", to: STDERR_FILENO)
            return ""
        }
        defer { unsafe free(text) }
        let line = unsafe String(cString: text).trimmed
        if !line.isEmpty, line != lastLine {
            remember(line)
            history.append(line)
        }
        return line
    }

    private func remember(_ line: String) {
        lastLine = line
        unsafe _ = add(line)
    }
}

private typealias CompletionFunction =
    @convention(c) (UnsafePointer<CChar>?, Int32, Int32) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?

/// What libedit's callback works with. A C function captures nothing; libedit calls it inside of `readline`, on the thread of
/// the one reader there is.
@safe
private struct CompletionState {
    let completer: Completer
    /// What libedit adds to a word that is complete.
    let suffix: UnsafeMutablePointer<Int32>
    /// Whether libedit is to leave it at our proposals, which are no file names.
    let isOver: UnsafeMutablePointer<Int32>
    let line: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    /// Where the cursor is in the line, in bytes.
    let cursor: UnsafeMutablePointer<Int32>
}

private nonisolated(unsafe) var completionState: CompletionState?

/// The proposals for `word`, which ends at the cursor: as libedit takes them, what they begin with first.
private func proposeCompletions(
    _ word: UnsafePointer<CChar>?
) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? {
    guard let state = unsafe completionState, let word = unsafe word, let start = unsafe state.line.pointee else {
        return nil
    }
    unsafe state.isOver.pointee = 1
    let whole = unsafe Array(String(cString: start).utf8)
    let line = String(decoding: whole.prefix(Int(unsafe state.cursor.pointee)), as: UTF8.self)
    let typed = unsafe String(cString: word)
    let proposals = state.completer.proposals(for: line)
    guard !proposals.isEmpty else { return nil }
    let common = Completer.commonStart(of: proposals, typed: typed)
    let isOpen = proposals.count == 1 && (common.hasSuffix("=") || common.hasSuffix(":"))
    unsafe state.suffix.pointee = isOpen ? 0 : 0x20
    let strings = [common] + (proposals.count == 1 ? [] : proposals)
    let list = unsafe UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocateByMalloc(strings.count + 1)
    guard let list = unsafe list else { return nil }
    for (index, string) in strings.enumerated() { unsafe list[index] = strdup(string) }
    unsafe list[strings.count] = nil
    return unsafe list
}

extension UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> {
    /// Room that libedit gives back with free(3).
    fileprivate static func allocateByMalloc(_ count: Int) -> Self? {
        unsafe calloc(count, MemoryLayout<UnsafeMutablePointer<CChar>?>.stride)?
            .assumingMemoryBound(to: UnsafeMutablePointer<CChar>?.self)
    }
}
