import Primitives
public import ProfileModel
import ProfileReader
import ProfileTransform
import ProfileWriter

/// Makes one profile out of sources: read, merged, less their base, with names, ready for reports.
///
/// The order of the steps is pprof's: google/pprof `internal/driver/fetch.go`.
public struct ProfileLoader {
    private let environment: (String) -> String?
    private let notice: (String) -> Void
    private let byteLimit: Int

    /// The sources that are read before they are merged, so that many do not take memory all at once.
    private static let chunkSize = 128

    private let symbolize: Symbolize
    private let demangle: Demangle

    /// Gives names to what has none, or to everything if it is asked to, and returns what is to be said of it.
    public typealias Symbolize = (_ profile: inout Profile, _ isForced: Bool) -> [String]

    /// The readable forms of linkage names, for those that have one.
    public typealias Demangle = (_ names: [String]) -> [String: String]

    /// - Parameters:
    ///   - environment: The value of an environment variable.
    ///   - byteLimit: The most bytes that one profile may have when decompressed; nil for the reader's default.
    ///   - notice: Tells the user something that keeps nothing from working.
    ///   - symbolize: Looks up names in files of this machine.
    ///   - demangle: Makes linkage names readable.
    public init(
        environment: @escaping (String) -> String?, byteLimit: Int? = nil, notice: @escaping (String) -> Void,
        symbolize: @escaping Symbolize, demangle: @escaping Demangle
    ) {
        self.environment = environment
        self.byteLimit = byteLimit ?? ProfileReader.defaultByteLimit
        self.notice = notice
        self.symbolize = symbolize
        self.demangle = demangle
    }

    /// The profile that `sources` make.
    ///
    /// A source that gives none is told of, and left out as long as there is another.
    public func load(_ sources: ProfileSources) throws(ProfileFetchError) -> Profile {
        try checkCertificate(sources)
        let reader = SourceReader(settings: sources, byteLimit: byteLimit, notice: notice)
        var servers = RemoteSymbolization()
        let (fetched, base, isRemote) = try fetch(sources, reader, &servers)
        var profile = try Self.difference(consume fetched, consume base, sources)
        if sources.keepsAllFrames {
            profile.dropFrames = .empty
            profile.keepFrames = .empty
        }
        name(&profile, SymbolizationMode(sources.symbolization)) { profile, isForced in
            servers.fill(&profile, isForced: isForced) { reader.post($1, to: $0) }
        }
        if let problem = profile.removeUninterestingFrames() {
            // pprof keeps all frames too, and says nothing.
            notice("No frames are dropped: the profile's drop_frames or keep_frames is malformed: \(problem)")
        }
        if !sources.comment.isEmpty { profile.addComment(sources.comment) }
        if isRemote { save(profile) }
        return profile
    }

    /// `profile` less `base`, if there is one.
    private static func difference(
        _ profile: consuming Profile, _ base: consuming Profile?, _ sources: ProfileSources
    ) throws(ProfileFetchError) -> Profile {
        guard let base = base.take() else { return profile }
        do throws(ProfileMergeError) {
            return try (consume profile).relative(
                to: consume base, mode: sources.isDifference ? .compare : .subtract, isNormalized: sources.normalizes)
        } catch {
            throw .incompatible(error.description)
        }
    }

    // MARK: - Fetching

    /// The merged sources, the merged bases if there are any, and whether any came from a server.
    private func fetch(
        _ sources: ProfileSources, _ reader: SourceReader, _ servers: inout RemoteSymbolization
    ) throws(ProfileFetchError) -> (profile: Profile, base: Profile?, isRemote: Bool) {
        let finder = BinaryFinder(environment)
        var (merged, mergedBase): (Profile?, Profile?)
        var (count, baseCount) = (0, 0)
        var isRemote = false
        let all = sources.sources + sources.bases
        // Sources and bases side by side: servers take as long as they record.
        for start in stride(from: 0, to: all.count, by: Self.chunkSize) {
            let chunk = all[start..<min(start + Self.chunkSize, all.count)]
            var profiles: [Profile] = []
            var bases: [Profile] = []
            // The last first, so that each can be taken out.
            var answers = Array(reader.read(chunk).reversed())
            for index in chunk.indices {
                guard let answer = answers.popLast() else { break }
                isRemote = isRemote || answer.server != nil
                guard let profile = prepared(answer, of: all[index], finder, sources) else { continue }
                if let server = answer.server { servers.remember(profile, from: server) }
                if index < sources.sources.count { profiles.append(profile) } else { bases.append(profile) }
            }
            count += profiles.count
            baseCount += bases.count
            merged = try combine(merged.take(), consume profiles)
            mergedBase = try combine(mergedBase.take(), consume bases)
        }
        guard let merged else { throw .noSource }
        if mergedBase == nil, !sources.bases.isEmpty { throw .noBase }
        if count < sources.sources.count {
            notice("Fetched \(count) source profiles out of \(sources.sources.count)")
        }
        if baseCount < sources.bases.count {
            notice("Fetched \(baseCount) base profiles out of \(sources.bases.count)")
        }
        return (merged, mergedBase, isRemote)
    }

    /// The profile of `answer`, with the binaries that are known; nil, having told why, if it has none.
    private func prepared(
        _ answer: SourceReader.Answer, of source: String, _ finder: BinaryFinder, _ sources: ProfileSources
    ) -> Profile? {
        switch answer.profile {
        case .failure(let failure):
            notice("\(source): \(failure.description)")
            return nil
        case .success(var profile):
            for text in finder.locate(&profile) { notice(text) }
            override(&profile, sources)
            return profile
        }
    }

    private func combine(
        _ first: consuming Profile?, _ others: consuming [Profile]
    ) throws(ProfileFetchError) -> Profile? {
        if let first { others.insert(first, at: 0) }
        if others.isEmpty { return nil }
        do throws(ProfileMergeError) {
            return try ProfileMerge.combine(consume others)
        } catch {
            throw .incompatible("problem fetching source profiles: \(error)")
        }
    }

    /// Makes the main binary the one that the user names.
    private func override(_ profile: inout Profile, _ sources: ProfileSources) {
        if profile.mappings.isEmpty {
            // As pprof does, so that a program that is named can give the names.
            let mapping = profile.addMapping(
                Mapping(
                    start: Address(0), limit: Address(0), fileOffset: FileOffset(0), filename: .empty,
                    buildID: .empty))
            for index in profile.locations.indices { profile.locations[index].mapping = mapping }
        }
        if !sources.executable.isEmpty { profile.mappings[0].filename = profile.intern(sources.executable) }
        if !sources.buildID.isEmpty, profile.mappings[0].buildID.isEmpty {
            profile.mappings[0].buildID = profile.intern(sources.buildID)
        }
    }

    // MARK: - Names

    private func name(_ profile: inout Profile, _ mode: SymbolizationMode, fetchNames: Symbolize) {
        for text in mode.notices { notice(text) }
        if mode.isOff { return }
        if mode.isLocal {
            for text in symbolize(&profile, mode.isForced) { notice(text) }
        }
        if mode.isRemote {
            for text in fetchNames(&profile, mode.isForced) { notice(text) }
        }
        DisplayNames(demangling: mode.demangling, isForced: mode.isForced, demangle: demangle).apply(to: &profile)
    }

    // MARK: - Saving

    /// Keeps what came from a server, which may never give it again.
    private func save(_ profile: Profile) {
        let folder = ProfileFolder.prepare(environment)
        for text in folder.notices { notice(text) }
        guard let path = folder.path else { return notice("Could not save profile: failed to identify temp dir") }
        var prefix = "pprof."
        if let program = profile.mappings.first, !program.filename.isEmpty {
            let name = profile.string(program.filename).split(separator: "/").last ?? "/"
            prefix += name + "."
        }
        for type in profile.sampleTypes { prefix += profile.string(type.type) + "." }
        do {
            let message = try ProfileEncoder.encode(profile)
            let contents = try Gzip.compress(message.rawSpan)
            let saved = try NumberedFile.write(
                contents, folder: path, prefix: prefix.replacing("/", with: "_"), suffix: ".pb.gz")
            notice("Saved profile in \(saved)")
        } catch {
            notice("Could not save profile: \(error)")
        }
    }

    private func checkCertificate(_ sources: ProfileSources) throws(ProfileFetchError) {
        if sources.certificateFile.isEmpty, !sources.keyFile.isEmpty {
            throw .certificate("-tls_key is specified, so -tls_cert must also be specified")
        }
        if !sources.certificateFile.isEmpty, sources.keyFile.isEmpty {
            throw .certificate("-tls_cert is specified, so -tls_key must also be specified")
        }
    }
}
