public import Glibc

/// A system call that failed.
public struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The `errno` it left.
    public let code: Int32
    /// What was tried, for a reader: "open /proc/1/maps".
    public let operation: String

    public init(code: Int32, operation: String) {
        self.code = code
        self.operation = operation
    }

    /// The error that the calling thread's last failed system call left in `errno`.
    public static func last(_ operation: String) -> SystemError {
        SystemError(code: errno, operation: operation)
    }

    /// The operation and the system's words for the code: "open /proc/1/maps: Permission denied".
    public var description: String { operation + ": " + describeErrno(code) }
}

/// The system's words for an `errno` value. Thread-safe, unlike `strerror`.
public func describeErrno(_ code: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 128)
    guard unsafe strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// Repeats `call` while a signal interrupts it (`EINTR`); the call's last result.
@inlinable
public func retryOnInterrupt<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        if result != -1 || errno != EINTR { return result }
    }
}
