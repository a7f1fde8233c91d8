import ArgumentParser
import ProfileFetch

/// Where profiles come from.
struct SourceOptionGroup: ParsableArguments {
    @Option(help: ArgumentHelp("Subtract this profile.", valueName: "source"), completion: .file())
    var base: [String] = []

    @Option(
        help: ArgumentHelp("Subtract this profile, and show shares of it.", valueName: "source"), completion: .file())
    var diffBase: [String] = []

    @Flag(help: "Scale the profile to the total of its base.")
    var normalize = false

    @Option(
        help: ArgumentHelp("A program that takes the place of the profile's main binary.", valueName: "file"),
        completion: .file())
    var binary = ""

    @Option(help: ArgumentHelp("The main binary's build ID, if the profile does not tell.", valueName: "id"))
    var buildid = ""

    @Option(help: ArgumentHelp("How long a server is to record.", valueName: "seconds"))
    var seconds = 0

    @Option(help: ArgumentHelp("How long to wait for a server.", valueName: "seconds"))
    var timeout = 0

    @Option(
        help: ArgumentHelp(
            "Where names come from: none, local, force, demangle=none|full|templates|default.", valueName: "mode"))
    var symbolize = ""

    @Option(help: ArgumentHelp("A remark to add to the profile.", valueName: "text"))
    var addComment = ""

    @Flag(help: "Keep the frames that the profile says to drop.")
    var allFrames = false

    @Option(
        help: ArgumentHelp("The certificate that a server asks for, in PEM.", valueName: "file"), completion: .file())
    var tlsCert = ""

    @Option(help: ArgumentHelp("Its private key.", valueName: "file"), completion: .file())
    var tlsKey = ""

    @Option(
        help: ArgumentHelp("The authorities whose certificates are trusted.", valueName: "file"), completion: .file())
    var tlsCa = ""

    func validate() throws {
        if !base.isEmpty, !diffBase.isEmpty { throw ValidationError("--base and --diff-base exclude each other.") }
        if normalize, base.isEmpty, diffBase.isEmpty { throw ValidationError("--normalize needs a base.") }
    }

    /// What to read for the sources that the command names. As for pprof, a program before them is the main binary.
    func profileSources(_ sources: [String]) -> ProfileSources {
        var result = ProfileSources()
        result.sources = sources
        result.executable = binary
        if binary.isEmpty, sources.count > 1, ProgramFile.isProgram(sources[0]) {
            result.executable = sources[0]
            result.sources.removeFirst()
        }
        result.bases = base + diffBase
        result.isDifference = !diffBase.isEmpty
        result.normalizes = normalize
        result.buildID = buildid
        result.seconds = seconds
        result.timeoutSeconds = timeout
        result.symbolization = symbolize
        result.comment = addComment
        result.keepsAllFrames = allFrames
        result.certificateFile = tlsCert
        result.keyFile = tlsKey
        result.authorityFile = tlsCa
        return result
    }
}
