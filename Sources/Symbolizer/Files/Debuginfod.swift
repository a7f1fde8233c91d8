import Glibc
import Primitives

/// Debug files from debuginfod servers, through libdebuginfod where that is installed.
///
/// The library is loaded at run time only: it brings a network stack along, which hardly anyone needs here.
enum Debuginfod {
    /// An answer, or why there is none.
    enum Answer: ~Copyable {
        case success(FileDescriptor)
        case failure(String)
    }

    private typealias Begin = @convention(c) () -> OpaquePointer?
    private typealias End = @convention(c) (OpaquePointer?) -> Void
    private typealias Find =
        @convention(c) (
            OpaquePointer?, UnsafePointer<UInt8>?, Int32, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        ) -> Int32

    /// Asks for the debug information of the file with `buildID`.
    ///
    /// The library's own limits are set to `timeoutSeconds`, unless the user's environment sets them already.
    static func find(_ buildID: BuildID, timeoutSeconds: Int) -> Answer {
        guard unsafe getenv("DEBUGINFOD_URLS") != nil else { return .failure("DEBUGINFOD_URLS is not set") }
        guard let library = unsafe dlopen("libdebuginfod.so.1", RTLD_NOW) else {
            return .failure("libdebuginfod.so.1 is not installed")
        }
        guard let begin = unsafe dlsym(library, "debuginfod_begin"), let end = unsafe dlsym(library, "debuginfod_end"),
            let find = unsafe dlsym(library, "debuginfod_find_debuginfo")
        else { return .failure("libdebuginfod.so.1 lacks functions") }
        unsafe setenv("DEBUGINFOD_TIMEOUT", String(timeoutSeconds), 0)
        unsafe setenv("DEBUGINFOD_MAXTIME", String(timeoutSeconds), 0)
        let client = unsafe unsafeBitCast(begin, to: Begin.self)()
        defer { unsafe unsafeBitCast(end, to: End.self)(client) }
        guard unsafe client != nil else { return .failure("no client") }
        let result = unsafe buildID.bytes.withUnsafeBufferPointer { bytes in
            unsafe unsafeBitCast(find, to: Find.self)(client, bytes.baseAddress, Int32(bytes.count), nil)
        }
        guard result >= 0 else { return .failure(describeErrno(-result)) }
        return .success(FileDescriptor(owning: result))
    }
}
