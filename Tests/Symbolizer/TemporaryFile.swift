import Glibc
import Primitives

/// A file with given contents that goes with its owner.
final class TemporaryFile {
    let path: String

    init(_ contents: String) throws {
        var template = Array("/tmp/sprof-test-XXXXXX".utf8CString)
        let file = FileDescriptor(owning: mkstemp(&template))
        try file.write(Array(contents.utf8).rawSpan)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        unlink(path)
    }
}

/// A folder that goes with its owner, as far as it is empty then.
final class TemporaryFolder {
    let path: String

    init() {
        var template = Array("/tmp/sprof-test-XXXXXX".utf8CString)
        mkdtemp(&template)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        system("rm -rf '\(path)'")
    }
}
