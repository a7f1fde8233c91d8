internal import CLinux
internal import Glibc
internal import Primitives

/// Whole messages over a stream socket that waits: a 32-bit length and as many bytes, a file's descriptor beside them.
enum WireSocket {
    /// A message without its length.
    struct Message {
        var bytes: [UInt8]
        /// The file that came with it.
        var file: OpenFile?
    }

    /// The next message; nil at the end of the socket, or if it is longer than `limit`.
    static func receive(_ socket: borrowing FileDescriptor, limit: Int = .max) -> Message? {
        var file: OpenFile?
        guard let header = receive(4, socket, &file) else { return nil }
        let length = header.enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
        guard length <= limit, let bytes = receive(length, socket, &file) else { return nil }
        return Message(bytes: bytes, file: file)
    }

    /// Sends a message with its length, and `descriptor` beside it unless that is -1; whether it went through.
    static func send(_ message: [UInt8], _ descriptor: Int32 = -1, to socket: borrowing FileDescriptor) -> Bool {
        let number = socket.raw
        var sent = 0
        while sent < message.count {
            let written = unsafe message.withUnsafeBytes { bytes in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[sent...])
                // The descriptor goes with the first byte.
                return retryOnInterrupt {
                    unsafe sprof_send(number, rest.baseAddress, rest.count, sent == 0 ? descriptor : -1, 0)
                }
            }
            guard written > 0 else { return false }
            sent += written
        }
        return true
    }

    /// The next `count` bytes; nil if the socket ends before.
    private static func receive(
        _ count: Int, _ socket: borrowing FileDescriptor, _ file: inout OpenFile?
    ) -> [UInt8]? {
        let number = socket.raw
        var descriptor: Int32 = -1
        var isComplete = true
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let target = unsafe buffer.baseAddress.unsafelyUnwrapped + filled
                var received: Int32 = -1
                let got = retryOnInterrupt { unsafe sprof_receive(number, target, count - filled, &received) }
                if received >= 0 {
                    if descriptor >= 0 { _ = close(descriptor) }
                    descriptor = received
                }
                guard got > 0 else {
                    isComplete = false
                    return
                }
                filled += got
            }
        }
        if descriptor >= 0 { file = OpenFile(FileDescriptor(owning: descriptor)) }
        return isComplete ? bytes : nil
    }
}
