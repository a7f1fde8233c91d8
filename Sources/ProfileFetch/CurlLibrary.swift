internal import CCurl
import Glibc

/// libcurl, loaded when the first URL is fetched: reports on files neither need it nor pay for its start. The library stays
/// loaded, so that its functions can be called at any time.
@safe
struct CurlLibrary {
    typealias CreateHandle = @convention(c) () -> UnsafeMutableRawPointer?
    typealias DropHandle = @convention(c) (UnsafeMutableRawPointer?) -> Void
    typealias MultiPair = @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> Int32
    typealias MultiPerform = @convention(c) (UnsafeMutableRawPointer?, UnsafeMutablePointer<Int32>?) -> Int32
    typealias MultiPoll =
        @convention(c) (
            UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, UInt32, Int32, UnsafeMutablePointer<Int32>?
        ) -> Int32
    typealias MultiMessage =
        @convention(c) (UnsafeMutableRawPointer?, UnsafeMutablePointer<Int32>?) -> UnsafeMutablePointer<
            sprof_curl_message
        >?
    typealias Describe = @convention(c) (Int32) -> UnsafePointer<CChar>?
    typealias GlobalStart = @convention(c) (Int) -> Int32

    let createTransfer: CreateHandle
    let dropTransfer: DropHandle
    let createGroup: CreateHandle
    let dropGroup: DropHandle
    let add: MultiPair
    let remove: MultiPair
    let perform: MultiPerform
    let poll: MultiPoll
    let nextMessage: MultiMessage
    let describe: Describe
    let setOption: UnsafeMutableRawPointer
    let getInformation: UnsafeMutableRawPointer

    /// The library, nil where it is not installed.
    static func load() -> CurlLibrary? {
        for name in ["libcurl.so.4", "libcurl-gnutls.so.4"] {
            if let handle = unsafe dlopen(name, RTLD_NOW) { return unsafe CurlLibrary(handle) }
        }
        return nil
    }

    private init?(_ handle: UnsafeMutableRawPointer) {
        guard let start = unsafe dlsym(handle, "curl_global_init"),
            let createTransfer = unsafe dlsym(handle, "curl_easy_init"),
            let dropTransfer = unsafe dlsym(handle, "curl_easy_cleanup"),
            let createGroup = unsafe dlsym(handle, "curl_multi_init"),
            let dropGroup = unsafe dlsym(handle, "curl_multi_cleanup"),
            let add = unsafe dlsym(handle, "curl_multi_add_handle"),
            let remove = unsafe dlsym(handle, "curl_multi_remove_handle"),
            let perform = unsafe dlsym(handle, "curl_multi_perform"),
            let poll = unsafe dlsym(handle, "curl_multi_poll"),
            let nextMessage = unsafe dlsym(handle, "curl_multi_info_read"),
            let describe = unsafe dlsym(handle, "curl_easy_strerror"),
            let setOption = unsafe dlsym(handle, "curl_easy_setopt"),
            let getInformation = unsafe dlsym(handle, "curl_easy_getinfo")
        else { return nil }
        // CURL_GLOBAL_ALL.
        guard unsafe unsafeBitCast(start, to: GlobalStart.self)(3) == 0 else { return nil }
        unsafe self.createTransfer = unsafeBitCast(createTransfer, to: CreateHandle.self)
        unsafe self.dropTransfer = unsafeBitCast(dropTransfer, to: DropHandle.self)
        unsafe self.createGroup = unsafeBitCast(createGroup, to: CreateHandle.self)
        unsafe self.dropGroup = unsafeBitCast(dropGroup, to: DropHandle.self)
        unsafe self.add = unsafeBitCast(add, to: MultiPair.self)
        unsafe self.remove = unsafeBitCast(remove, to: MultiPair.self)
        unsafe self.perform = unsafeBitCast(perform, to: MultiPerform.self)
        unsafe self.poll = unsafeBitCast(poll, to: MultiPoll.self)
        unsafe self.nextMessage = unsafeBitCast(nextMessage, to: MultiMessage.self)
        unsafe self.describe = unsafeBitCast(describe, to: Describe.self)
        unsafe self.setOption = setOption
        unsafe self.getInformation = getInformation
    }
}
