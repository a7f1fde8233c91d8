import ELF
import Glibc
import Primitives
import ProfileModel
import Testing

@testable import ProfileFetch

@Suite struct BinaryFinderTests {
    @Test("A binary is found in every place where pprof looks, and not taken if its build ID differs")
    func places() throws {
        // A program with a build ID: the one that runs these tests' shell.
        let program = "/bin/sh"
        let buildID = try #require(ProgramFile.image(program)?.buildID?.description)
        for place in [
            "\(buildID)/prog", "\(buildID)/anything", "opt/prog/\(buildID)",
            "\(buildID.prefix(2))/\(buildID.dropFirst(2)).debug", "prog", "opt/prog", "opt/prog.debug",
            "opt/.debug/prog.debug", "usr/lib/debug/opt/prog.debug",
        ] {
            // A file cannot be a folder too.
            let folder = temporaryFolder()
            defer { _ = system("rm -r '\(folder)'") }
            _ = system("mkdir -p \"$(dirname '\(folder)/\(place)')\" && cp \(program) '\(folder)/\(place)'")
            let (found, notices) = locate(in: folder, buildID: buildID)
            #expect(found == "\(folder)/\(place)")
            #expect(notices.isEmpty)
            if !place.contains(buildID.prefix(2)) {
                let (other, complaints) = locate(in: folder, buildID: "abcdef")
                #expect(other == "/opt/prog")
                #expect(
                    complaints == ["Ignoring local file \(folder)/\(place): build-id mismatch (abcdef != \(buildID))"])
            }
        }
    }

    @Test("A build ID that is none does not lead out of the folder")
    func hostileBuildID() {
        let folder = temporaryFolder()
        defer { _ = system("rm -r '\(folder)'") }
        #expect(locate(in: folder, buildID: "../../bin").path == "/opt/prog")
    }

    private func locate(in folder: String, buildID: String) -> (path: String, notices: [String]) {
        var profile = Profile(sampleTypes: [("cpu", "nanoseconds")])
        _ = profile.addMapping(
            Mapping(
                start: .init(0x1000), limit: .init(0x2000), fileOffset: .init(0), filename: profile.intern("/opt/prog"),
                buildID: profile.intern(buildID)))
        let finder = BinaryFinder { $0 == "PPROF_BINARY_PATH" ? "/nonexistent:" + folder : nil }
        let notices = finder.locate(&profile)
        return (profile.string(profile.mappings[0].filename), notices)
    }

    private func temporaryFolder() -> String {
        var template = Array("/tmp/sprof-binaries-XXXXXX".utf8CString)
        return String(cString: mkdtemp(&template))
    }
}
