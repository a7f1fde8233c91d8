import Primitives
import ProfileModel

/// Names from the servers that profiles came from, for addresses that no file of this machine names.
///
/// The protocol is gperftools' and Go's (`/pprof/symbol`, net/http/pprof): addresses in hexadecimal with plus signs between
/// them are posted, and lines of an address and its name come back. Facts: google/pprof `internal/symbolz/symbolz.go`.
struct RemoteSymbolization {
    /// Asks a server, whose address is the first argument, with the second as the request's body.
    typealias Ask = (SourceURL, [UInt8]) -> Result<HTTPResponse, HTTPFailure>

    /// What tells a mapping's file from others: its build ID, or where there is none, its path.
    private struct FileKey: Hashable {
        var buildID: String
        var path: String

        init(_ mapping: Mapping, in profile: Profile) {
            buildID = profile.string(mapping.buildID)
            path = buildID.isEmpty ? profile.string(mapping.filename) : ""
        }
    }

    /// Where a server had a file, before profiles are merged.
    private struct Origin {
        var start: Address
        var server: SourceURL
    }

    /// The first of each file.
    private var origins: [FileKey: Origin] = [:]

    /// Remembers whom to ask about the mappings of `profile`.
    mutating func remember(_ profile: Profile, from server: SourceURL) {
        for mapping in profile.mappings {
            let key = FileKey(mapping, in: profile)
            if origins[key] == nil { origins[key] = Origin(start: mapping.start, server: server) }
        }
    }

    /// Fetches names for the mappings of `profile` that have none; returns what is to be said of it.
    ///
    /// - Parameter isForced: Ask for addresses without a name also where others of the mapping have one.
    func fill(_ profile: inout Profile, isForced: Bool, ask: Ask) -> [String] {
        var notices: [String] = []
        let locationsByMapping = profile.locationsByMapping
        for index in profile.mappings.indices where isForced || !profile.mappings[index].hasFunctions {
            let mapping = profile.mappings[index]
            guard !Self.isNoFile(profile.string(mapping.filename)), let origin = origins[FileKey(mapping, in: profile)],
                let server = origin.server.symbolServer
            else { continue }
            let locations = locationsByMapping[index].filter { location in
                profile.locations[location].lines.isEmpty && profile.locations[location].address != Address(0)
            }
            guard !locations.isEmpty else { continue }
            // Merging moves mappings.
            let offset = origin.start.value &- mapping.start.value
            let addresses = locations.map { profile.locations[$0].address.value &+ offset }
            let body = addresses.map { "0x" + String($0, radix: 16) }.joined(separator: "+")
            switch ask(server, Array(body.utf8)) {
            case .failure(let failure): notices.append("no names from \(server.text): \(failure)")
            case .success(let response) where response.status != 200:
                notices.append("no names from \(server.text): server response: \(response.statusText)")
            case .success(let response):
                let names = Self.names(in: response.body)
                for (location, address) in zip(locations, addresses) {
                    guard let name = names[address] else { continue }
                    let function = profile.addFunction(name: name, systemName: name, file: "")
                    profile.locations[location].lines = [Line(function: function, line: 0)]
                }
                profile.mappings[index].hasFunctions = true
            }
        }
        return notices
    }

    /// What the lines of an answer say: an address after `0x`, white space, a name.
    private static func names(in body: [UInt8]) -> [UInt64: String] {
        var names: [UInt64: String] = [:]
        for line in String(decoding: body, as: UTF8.self).split(whereSeparator: \.isNewline) {
            guard let start = line.firstRange(of: "0x") else { continue }
            let digits = line[start.upperBound...].prefix { $0.isHexDigit && $0.isASCII }
            let rest = line[digits.endIndex...]
            let name = rest.drop { $0.isWhitespace }
            guard let address = UInt64(digits, radix: 16), rest.first?.isWhitespace == true, !name.isEmpty else {
                continue
            }
            names[address] = String(name)
        }
        return names
    }

    /// Whether a mapping is known to be of no file with names: the kernel's pages, graphics memory.
    private static func isNoFile(_ path: String) -> Bool {
        let name = path.split(separator: "/").last ?? ""
        return name.hasPrefix("[") || name.hasPrefix("linux-vdso") || path.hasPrefix("/dev/dri/") || path == "//anon"
    }
}

extension SourceURL {
    /// The ends of gperftools' paths, which have no `/debug` before them.
    private static let gperftoolsEnds = [
        "/pprof/heap", "/pprof/growth", "/pprof/profile", "/pprof/pmuprofile", "/pprof/contention",
    ]

    /// Where the server of this profile names addresses: beside the profile, or at `/symbolz`.
    var symbolServer: SourceURL? {
        var newPath = "/symbolz"
        if path.contains("/debug/pprof/") || Self.gperftoolsEnds.contains(where: path.hasSuffix) {
            newPath = (path.split(separator: "/").dropLast() + ["symbol"]).map { "/" + $0 }.joined()
        }
        return SourceURL("\(scheme)://\(authority)\(newPath)", seconds: 0)
    }
}
