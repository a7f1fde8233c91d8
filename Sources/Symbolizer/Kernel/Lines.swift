internal import Primitives

/// The bytes of a line that are looked at; what a longer line has beyond them is skipped.
private let lineByteLimit = 8192

/// Calls `body` with each line of a file without its newline, and the line's offset; stops after `limit` bytes. In pieces, so that a
/// file of any size takes a constant amount of memory. The number of bytes read.
///
/// - Parameter read: gives at most so many bytes from an offset, where the last ones ended; none at the end.
@discardableResult
func forEachLine(
    limit: Int, read: (_ offset: Int, _ count: Int) throws(SystemError) -> [UInt8], _ body: (Span<UInt8>, Int) -> Void
) throws(SystemError) -> Int {
    let chunkByteCount = 1 << 18
    // The start of a line whose end is in the next chunk.
    var partial: [UInt8] = []
    var lineOffset = 0
    var total = 0
    while total < limit {
        let chunk = try read(total, min(chunkByteCount, limit - total))
        if chunk.isEmpty { break }
        let bytes = chunk.span
        var start = 0
        for index in 0..<bytes.count where bytes[index] == UInt8(ascii: "\n") {
            if lineOffset >= total {
                body(bytes.extracting(start..<min(index, start + lineByteLimit)), lineOffset)
            } else {
                let room = lineByteLimit - partial.count
                for byte in start..<min(index, start + room) { partial.append(bytes[byte]) }
                body(partial.span, lineOffset)
                partial.removeAll(keepingCapacity: true)
            }
            start = index + 1
            lineOffset = total + start
        }
        let room = lineByteLimit - partial.count
        for byte in start..<min(bytes.count, start + room) { partial.append(bytes[byte]) }
        total += chunk.count
    }
    if total > lineOffset { body(partial.span, lineOffset) }
    return total
}
