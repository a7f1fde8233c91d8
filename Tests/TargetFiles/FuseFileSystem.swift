import Glibc
import Primitives
import Synchronization
import Testing

/// A mounted file system of some files in memory, which answers until it is told, or led, to fall silent.
///
/// A server of the kernel's FUSE protocol (fuse(4), linux:include/uapi/linux/fuse.h) in a thread. It speaks as much of it as
/// opening, reading and running files needs. Reads by sprof get past the page cache, so that each of them is a request.
final class FuseFileSystem: Sendable {
    /// What becomes of requests once it is silent.
    enum Silence {
        /// Nobody takes them: who waits can be killed.
        case waiting
        /// They are taken and not answered: who waits cannot be killed.
        case taken
    }

    private struct State {
        var isSilent = false
        var silence = Silence.waiting
        /// Reads by sprof in these bytes of the file of this name are where the silence begins.
        var trap: (name: String, bytes: [Range<UInt64>])?
        var readCount = 0
    }

    private let path: String
    private let device: Int32
    private let files: [(name: String, bytes: [UInt8])]
    private let state = Mutex(State())
    private let isMounted = Atomic(true)

    private static let directoryMode: UInt32 = 0o040755
    private static let fileMode: UInt32 = 0o100755

    /// Mounts `files` over a new folder at `path`; one whose name has a slash is in a folder that can be walked through.
    init(at path: String, files: [String: [UInt8]]) throws {
        self.path = path
        self.files = files.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        mkdir(path, 0o755)
        device = open("/dev/fuse", O_RDWR | O_CLOEXEC)
        try #require(device >= 0)
        let options = "fd=\(device),rootmode=40000,user_id=0,group_id=0,allow_other"
        try #require(mount("served", path, "fuse", 0, options) == 0)
        let context = Unmanaged.passRetained(self)
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { context in
                Unmanaged<FuseFileSystem>.fromOpaque(context!).takeRetainedValue().serve()
                return nil
            }, context.toOpaque())
        try #require(code == 0)
        pthread_detach(thread)
    }

    /// Answers nothing from now on.
    func fallSilent(_ silence: Silence = .waiting) {
        state.withLock {
            $0.isSilent = true
            $0.silence = silence
        }
    }

    /// Falls silent when sprof reads any of these bytes of the file `name`.
    func fallSilent(_ silence: Silence = .waiting, whenReading bytes: [Range<UInt64>], of name: String) {
        state.withLock {
            $0.trap = (name, bytes)
            $0.silence = silence
        }
    }

    var isSilent: Bool { state.withLock { $0.isSilent } }

    /// How often it was asked for bytes by sprof.
    var readCount: Int { state.withLock { $0.readCount } }

    /// Unmounts it, which ends the waiting of all who still do.
    func end() {
        guard isMounted.exchange(false, ordering: .relaxed) else { return }
        umount2(path, Int32(MNT_FORCE | MNT_DETACH))
        close(device)
        rmdir(path)
    }

    // MARK: The protocol

    private struct Request {
        let code: UInt32
        let unique: UInt64
        let node: UInt64
        /// By one of the processes that read for sprof.
        let isOfSprof: Bool
        let body: ArraySlice<UInt8>

        init(_ bytes: [UInt8]) {
            code = bytes.number(at: 4)
            unique = bytes.number(at: 8)
            node = bytes.number(at: 16)
            let process: UInt32 = bytes.number(at: 32)
            isOfSprof = text(ofSmallFile: "/proc/\(process)/comm") == "sprof-files"
            body = bytes[40...]
        }

        func number<Number: FixedWidthInteger>(at offset: Int) -> Number {
            Array(body).number(at: offset)
        }

        var name: String { String(decoding: body.prefix { $0 != 0 }, as: UTF8.self) }
    }

    private func serve() {
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            if isSilent, state.withLock({ $0.silence }) == .waiting { return }
            let count = read(device, &buffer, buffer.count)
            if count < 0, errno == EINTR || errno == ENOENT { continue }
            guard count >= 40 else { return }
            let request = Request(Array(buffer[..<count]))
            note(request)
            if isSilent { continue }
            answer(request)
        }
    }

    /// Falls silent if this is the read that is to make it.
    private func note(_ request: Request) {
        guard request.code == 15, request.isOfSprof, let file = file(request.node) else { return }
        let start: UInt64 = request.number(at: 8)
        let count: UInt32 = request.number(at: 16)
        state.withLock { state in
            state.readCount += 1
            guard let trap = state.trap, trap.name == file.name,
                trap.bytes.contains(where: { $0.overlaps(start..<start + UInt64(count)) })
            else { return }
            state.isSilent = true
        }
    }

    private func answer(_ request: Request) {
        switch request.code {
        case 26:  // INIT: version 7.31, and no more than what needs no saying.
            reply(request, words(7, 31, 1 << 17, 0) + [12, 0, 10, 0] + words(1 << 17, 1) + zeros(36))
        case 1:  // LOOKUP
            guard let node = child(of: request.node, request.name) else { return fail(request, ENOENT) }
            reply(request, words64(node, 0, 3_600, 3_600) + words(0, 0) + attributes(node))
        case 3:  // GETATTR
            reply(request, words64(3_600) + words(0, 0) + attributes(request.node))
        case 14, 27:  // OPEN, past the page cache for sprof; OPENDIR
            reply(request, words64(0) + words(request.isOfSprof && request.code == 14 ? 1 : 0, 0))
        case 15:  // READ
            guard let bytes = file(request.node)?.bytes else { return fail(request, EIO) }
            let start = Int(clamping: request.number(at: 8) as UInt64)
            let count = Int(request.number(at: 16) as UInt32)
            reply(request, start < bytes.count ? Array(bytes[start..<min(bytes.count, start + count)]) : [])
        case 25, 18, 29:  // FLUSH, RELEASE, RELEASEDIR
            reply(request, [])
        case 2, 42, 36:  // FORGET, BATCH_FORGET, INTERRUPT
            break
        default:
            fail(request, ENOSYS)
        }
    }

    /// Nodes: 1 the root, then the files, then the folders that their names begin with.
    private var folders: [String] {
        Set(files.compactMap { $0.name.split(separator: "/").dropLast().first.map(String.init) }).sorted()
    }

    private func file(_ node: UInt64) -> (name: String, bytes: [UInt8])? {
        let index = Int(clamping: node) - 2
        return files.indices.contains(index) ? files[index] : nil
    }

    private func child(of node: UInt64, _ name: String) -> UInt64? {
        let folder = Int(clamping: node) - 2 - files.count
        let full = folders.indices.contains(folder) ? folders[folder] + "/" + name : name
        if let index = files.firstIndex(where: { $0.name == full }) { return UInt64(index + 2) }
        return folders.firstIndex(of: full).map { UInt64($0 + 2 + files.count) }
    }

    private func attributes(_ node: UInt64) -> [UInt8] {
        let file = file(node)
        let size = UInt64(file?.bytes.count ?? 0)
        return words64(node, size, (size + 511) / 512, 0, 0, 0)
            + words(0, 0, 0, file == nil ? Self.directoryMode : Self.fileMode, 1, geteuid(), getegid(), 0, 4_096, 0)
    }

    private func reply(_ request: Request, _ body: [UInt8]) { send(request, 0, body) }

    private func fail(_ request: Request, _ code: Int32) { send(request, -code, []) }

    private func send(_ request: Request, _ code: Int32, _ body: [UInt8]) {
        let message = words(UInt32(16 + body.count), UInt32(bitPattern: code)) + words64(request.unique) + body
        _ = message.withUnsafeBytes { write(device, $0.baseAddress, $0.count) }
    }

    private func words(_ numbers: UInt32...) -> [UInt8] {
        numbers.flatMap { number in (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
    }

    private func words64(_ numbers: UInt64...) -> [UInt8] {
        numbers.flatMap { number in (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
    }

    private func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }
}

extension [UInt8] {
    /// A little-endian number.
    fileprivate func number<Number: FixedWidthInteger>(at offset: Int) -> Number {
        var number: Number = 0
        for index in 0..<MemoryLayout<Number>.size where offset + index < count {
            number |= Number(truncatingIfNeeded: self[offset + index]) << Number(8 * index)
        }
        return number
    }
}
