import Glibc
import Primitives
import Testing

/// A mounted file system whose server never answers: who opens anything in it waits until it is unmounted or killed.
///
/// It is a FUSE file system (fuse(4)) of which nobody reads the requests.
final class SilentFileSystem {
    static let isAvailable =
        geteuid() == 0
        && CompiledPrograms.shell(
            "test -c /dev/fuse && unshare -m sh -c 'mount -t fuse -o fd=3,rootmode=40000,user_id=0,group_id=0 x /mnt'"
                + " 3<>/dev/fuse 2>/dev/null")

    private let path: String
    private var server: FileDescriptor?

    /// Mounts it over a new folder at `path`.
    init(at path: String) throws {
        self.path = path
        mkdir(path, 0o755)
        let server = try FileDescriptor(opening: "/dev/fuse", O_RDWR)
        let options = "fd=\(server.raw),rootmode=40000,user_id=0,group_id=0,allow_other"
        let mounted = mount("silent", path, "fuse", 0, options)
        self.server = consume server
        try #require(mounted == 0)
    }

    /// Unmounts it, which ends the waiting of all who still do.
    func end() {
        server = nil
        umount2(path, Int32(MNT_DETACH))
        rmdir(path)
    }

    deinit {
        end()
    }
}
