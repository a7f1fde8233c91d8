import CLzma

/// The symbol table that Fedora and others hide, as an xz-compressed ELF file, in .gnu_debugdata.
enum MiniDebugInformation {
    /// The ELF file in `section`; nil if it is damaged or unpacks to more than 256 MiB.
    static func unpack(_ section: SectionBytes) -> [UInt8]? {
        var stream = unsafe lzma_stream()
        // The memory limit covers the dictionary, which a hostile stream could ask to be huge.
        guard unsafe lzma_stream_decoder(&stream, 128 << 20, 0) == LZMA_OK else { return nil }
        defer { unsafe lzma_end(&stream) }
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        let span = section.bytes
        return unsafe span.withUnsafeBytes { input in
            unsafe stream.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
            unsafe stream.avail_in = input.count
            while output.count < 256 << 20 {
                let (status, count) = unsafe chunk.withUnsafeMutableBufferPointer { buffer in
                    unsafe stream.next_out = buffer.baseAddress
                    unsafe stream.avail_out = buffer.count
                    let status = unsafe lzma_code(&stream, LZMA_FINISH)
                    return unsafe (status, buffer.count - stream.avail_out)
                }
                output.append(contentsOf: chunk[..<count])
                if status == LZMA_STREAM_END { return output }
                if status != LZMA_OK { return nil }
            }
            return nil
        }
    }
}
