internal import CCapstone
import Glibc

/// Capstone, loaded when code is first disassembled: its tables are 3 MB of memory and a fifth of the time in which sprof starts,
/// which recorders and other reports need not pay. The library stays loaded.
@safe
struct CapstoneLibrary: Sendable {
    typealias Open = @convention(c) (cs_arch, cs_mode, UnsafeMutablePointer<csh>?) -> cs_err
    typealias Close = @convention(c) (UnsafeMutablePointer<csh>?) -> cs_err
    typealias SetOption = @convention(c) (csh, cs_opt_type, Int) -> cs_err
    typealias Allocate = @convention(c) (csh) -> UnsafeMutablePointer<cs_insn>?
    typealias Free = @convention(c) (UnsafeMutablePointer<cs_insn>?, Int) -> Void
    typealias DecodeNext =
        @convention(c) (
            csh, UnsafeMutablePointer<UnsafePointer<UInt8>?>?, UnsafeMutablePointer<Int>?,
            UnsafeMutablePointer<UInt64>?,
            UnsafeMutablePointer<cs_insn>?
        ) -> Bool

    let open: Open
    let close: Close
    let setOption: SetOption
    let allocate: Allocate
    let free: Free
    let decodeNext: DecodeNext

    /// The library's file. Versions differ in the layout of `cs_insn`, so it is the one of the headers that this was built with.
    static let fileName = "libcapstone.so.\(CS_API_MAJOR)"

    /// The library, nil where it is not installed.
    static let shared: CapstoneLibrary? = load()

    private static func load() -> CapstoneLibrary? {
        guard let library = unsafe dlopen(fileName, RTLD_NOW),
            let open = unsafe dlsym(library, "cs_open"), let close = unsafe dlsym(library, "cs_close"),
            let setOption = unsafe dlsym(library, "cs_option"), let allocate = unsafe dlsym(library, "cs_malloc"),
            let free = unsafe dlsym(library, "cs_free"), let decodeNext = unsafe dlsym(library, "cs_disasm_iter")
        else { return nil }
        return unsafe CapstoneLibrary(
            open: unsafeBitCast(open, to: Open.self), close: unsafeBitCast(close, to: Close.self),
            setOption: unsafeBitCast(setOption, to: SetOption.self),
            allocate: unsafeBitCast(allocate, to: Allocate.self),
            free: unsafeBitCast(free, to: Free.self), decodeNext: unsafeBitCast(decodeNext, to: DecodeNext.self))
    }
}
