internal import Primitives
public import ProfileReport

/// What the shell and the command line say of commands and options.
public enum HelpText {
    /// All commands and options, one line each; with a dash in front of each name where they are flags.
    public static func overview(asFlags: Bool) -> String {
        let dash = asFlags ? "-" : ""
        var commands = ReportCommand.all.map { line(dash + $0.name, $0.summary) }
        if !asFlags {
            commands += [line("o/options", "The options and their values"), line("q/quit/exit/^D", "Leave")]
        }
        let plain = OptionField.all.filter { $0.choices.isEmpty }.map { line(dash + $0.name, $0.help[0]) }
        let groups = OptionField.all.filter { !$0.choices.isEmpty }.map { field in
            ([line(field.name, "")]
                + field.choices.map { "  " + line(dash + $0, OptionField.choiceHelp[$0] ?? "") })
                .joined(separator: "\n")
        }
        return (asFlags ? "  Output formats (select at most one):\n" : "  Commands:\n")
            + commands.sorted(by: bytesPrecede).joined(separator: "\n")
            + "\n\n  Options:\n" + plain.sorted(by: bytesPrecede).joined(separator: "\n")
            + "\n\n  Option groups (only set one per group):\n"
            + groups.sorted(by: bytesPrecede).joined(separator: "\n")
    }

    /// What the command line says of itself.
    public static var usage: String {
        """
        usage:

           pprof <format> [options] [binary] <source> ...     a report
           pprof [options] [binary] <source> ...              the shell, which makes any report

        Details:

        """ + overview(asFlags: true) + """


              Source options:
                -seconds n            How long a server is to record
                -timeout n            How many seconds to wait for a server
                -buildid id           The build ID of the main binary, if the profile does not tell
                -add_comment text     A remark to add to the profile
                -diff_base source     Subtract a profile, and show shares of it
                -base source          Subtract a profile
                -symbolize=           Where names of functions come from, separated by colons
                  none                  From the profile alone
                  local                 From the profile, else from files of this machine
                  force                 From files of this machine
                  demangle=             none, full, templates or default
                -tls_cert file        The certificate that a server asks for, in PEM
                -tls_key file         Its private key
                -tls_ca file          The authorities whose certificates are trusted
                source                A profile, http://host:port/path, host:port, or - for standard input
                binary                A file that takes the place of the profile's main binary

              Other options:
                -all_frames           Keep the frames that the profile says to drop
                -tools                Accepted, and not needed

              The same as -sample_index=...:
                -inuse_space -inuse_objects -alloc_space -alloc_objects -contentions
                -total_delay          delay
                -mean_delay           delay, with -mean

              Environment:
                PPROF_TMPDIR          Where profiles from servers are saved ($HOME/pprof)
                PPROF_BINARY_PATH     Where binaries are looked for ($HOME/pprof/binaries), as
                                      $buildid/$name, $buildid/*, $path/$buildid, ${buildid:0:2}/${buildid:2}.debug,
                                      $name, $path, $path.debug, $dir/.debug/$name.debug, usr/lib/debug/$dir/$name.debug

            """
    }

    /// What the shell's `help` says without an argument.
    public static var shell: String {
        overview(asFlags: false) + """

              :   Clear focus/ignore/hide/tagfocus/tagignore

              type "help <cmd|option>" for more information

            """
    }

    /// What the shell's `help` says of a command, an option or a choice; nil if there is none of that name.
    ///
    /// - Parameter sampleTypes: The names of the profile's sample types.
    public static func topic(_ name: String, sampleTypes: [String]) -> String? {
        if let command = ReportCommand.named(name) { return command.help }
        if let help = OptionField.choiceHelp[name] { return help + "\n\n" }
        guard let field = OptionField.named(name) else { return nil }
        var lines = field.help
        if !field.choices.isEmpty { lines.append("One of: " + field.choices.joined(separator: ", ")) }
        if name == "sample_index" { lines.append("This profile has: " + sampleTypes.joined(separator: ", ")) }
        return lines.joined(separator: "\n") + "\n\n"
    }

    /// What the shell's `options` prints: every option with its value, and the values that it can have if these are few.
    ///
    /// - Parameter defaultType: The sample type that is shown when the option names none.
    public static func options(
        _ options: ReportOptions, sampleTypes: [String], defaultType: String
    ) -> String {
        var lines: [String] = []
        // The search path is left out, as by pprof, which takes it for a setting of the machine.
        for field in OptionField.all where field.name != "source_path" {
            var value = field.text(in: options)
            var comment = ""
            if !field.choices.isEmpty {
                comment = choice(of: field.choices.sorted(by: bytesPrecede))
                if value.isEmpty { value = "(default)" }
            } else if field.name == "sample_index" {
                if value.isEmpty { value = defaultType }
                comment = choice(of: sampleTypes)
            } else if field.name == "nodecount", value == "-1" {
                comment = "//: default"
            } else if value.isEmpty {
                value = "\"\""
            }
            lines.append("  \(padded(field.name, 25)) = \(padded(value, 20)) \(comment)")
        }
        return lines.sorted(by: bytesPrecede).joined(separator: "\n")
    }

    private static func choice(of values: [String]) -> String { "//: [" + values.joined(separator: " | ") + "]" }

    private static func line(_ name: String, _ summary: String) -> String { "    \(padded(name, 16)) \(summary)" }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.unicodeScalars.count))
    }
}
