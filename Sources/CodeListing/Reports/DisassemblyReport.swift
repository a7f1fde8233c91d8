import Primitives
public import ProfileModel
public import ProfileReport

/// The machine code of functions with what was measured at each instruction: what `pprof -disasm` prints.
public struct DisassemblyReport {
    /// What was not found or could not be read, for the user.
    public let notes: [String]

    private let routines: [Routine]
    private let context: ReportContext

    /// The code that `pattern` names: a regular expression on names of functions, inlined ones included, or an address, `0x4011d6`.
    ///
    /// - Parameters:
    ///   - binaries: Where to look for the binaries.
    ///   - workerExecutable: The program that looks up lines; see `SymbolizerPool.init`.
    public init(
        _ context: ReportContext, matching pattern: String, binaries: Binaries,
        workerExecutable: String = "/proc/self/exe"
    ) throws(CodeListingError) {
        let code = try AnnotatedCode(
            context, matching: pattern, binaries: binaries, workerExecutable: workerExecutable)
        self.context = context
        routines = code.routines
        notes = code.notes
    }

    /// The listing as text, with a newline at its end.
    public func render() -> String {
        var text = "Total: \(context.format(context.total))\n"
        for routine in routines {
            text += "ROUTINE ======================== \(routine.name)\n"
            for alias in routine.aliases { text += "    AKA ======================== \(alias)\n" }
            if let host = routine.host { text += "    inlined into \(host)\n" }
            text += context.sums(flat: routine.total.flat, cumulative: routine.total.cumulative)
            append(routine, to: &text)
        }
        return text
    }

    private func append(_ routine: Routine, to text: inout String) {
        var last: Routine.Frame?
        for line in routine.lines {
            if line.startsBlock { text += "                                 ...\n" }
            let start =
                padded(context.formatOrDot(line.weight.flatValue), to: 10) + " "
                + padded(context.formatOrDot(line.weight.cumulativeValue), to: 10) + " "
                + padded(String(line.instruction.address.value, radix: 16), to: 10) + ": "
            let assembly = line.text
            var place = ""
            // The place is said again only where it changes.
            if let frame = line.frames.first, frame != last {
                place = Self.place(frame)
                last = frame
            }
            if place.isEmpty {
                text += start + assembly + "\n"
            } else if assembly.utf8.count < 40 {
                text += start + assembly + String(repeating: " ", count: 40 - assembly.unicodeScalars.count) + ";"
                text += place + "\n"
            } else {
                text += String(repeating: " ", count: 74) + ";" + place + "\n" + start + assembly + "\n"
            }
        }
    }

    private static func place(_ frame: Routine.Frame) -> String {
        var text = frame.name.isEmpty ? "" : frame.name + " "
        if !frame.file.isEmpty { text += baseName(frame.file) }
        if !frame.file.isEmpty, frame.line != 0 { text += ":\(frame.line)" }
        return text
    }
}
