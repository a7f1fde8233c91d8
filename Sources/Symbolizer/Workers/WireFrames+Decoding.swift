internal import Primitives

extension WireWriter {
    /// Strings, functions, calls and addresses, each behind their count.
    mutating func write(_ frames: WireFrames) {
        write(UInt32(clamping: frames.strings.count))
        for string in frames.strings { write(string) }
        for (numbers, size) in [
            (frames.functions, WireFrames.functionSize), (frames.calls, WireFrames.callSize),
            (frames.addresses, WireFrames.addressSize),
        ] {
            write(UInt32(clamping: numbers.count / size))
            for number in numbers { write(number) }
        }
    }
}

extension ByteReader {
    /// The frames of `addressCount` addresses, as `WireFrames` writes them. They come from a process that may have been
    /// taken over: numbers only lead to what came before them, and there is a limit to what shared callers can stand for.
    @_lifetime(self: copy self)
    mutating func readFrames(addressCount: Int) throws -> [SymbolizedAddress] {
        let strings = try readTexts()
        var functions: [SymbolizedFunction] = []
        let functionCount = try readCount(size: WireFrames.functionSize)
        functions.reserveCapacity(functionCount)
        for _ in 0..<functionCount {
            let name = try readString(of: strings)
            let displayName = try readString(of: strings)
            functions.append(
                SymbolizedFunction(
                    linkageName: name, displayName: displayName.isEmpty ? nil : displayName,
                    startLine: Int(try read(UInt32.self))))
        }
        var calls: [InlinedCall] = []
        let callCount = try readCount(size: WireFrames.callSize)
        calls.reserveCapacity(callCount)
        for _ in 0..<callCount {
            let function = Int(try read(UInt32.self))
            guard function < functions.count else { throw WireError() }
            let frame = try readFrame(of: functions[function], strings)
            let call = InlinedCall(caller: frame, next: try readCall(of: calls))
            guard call.depth < WorkerAnswer.frameLimit else { throw WireError() }
            calls.append(call)
        }
        guard try readCount(size: WireFrames.addressSize) == addressCount else { throw WireError() }
        var addresses: [SymbolizedAddress] = []
        addresses.reserveCapacity(addressCount)
        var frameCount = 0
        for _ in 0..<addressCount {
            let function = Int(try read(UInt32.self))
            guard function > 0 else {
                try skip(4 * (WireFrames.addressSize - 1))
                addresses.append(SymbolizedAddress())
                continue
            }
            guard function <= functions.count else { throw WireError() }
            let frame = try readFrame(of: functions[function - 1], strings)
            let address = SymbolizedAddress(frame, inlinedAt: try readCall(of: calls))
            frameCount += address.frameCount
            guard frameCount <= WorkerAnswer.totalFrameLimit else { throw WireError() }
            addresses.append(address)
        }
        return addresses
    }

    /// A count of things of `size` 32-bit numbers, which must all be there.
    @_lifetime(self: copy self)
    private mutating func readCount(size: Int) throws -> Int {
        let count = Int(try read(UInt32.self))
        guard count <= remaining / (4 * size) else { throw WireError() }
        return count
    }

    @_lifetime(self: copy self)
    private mutating func readString(of strings: [String]) throws -> String {
        let number = Int(try read(UInt32.self))
        guard number < strings.count else { throw WireError() }
        return strings[number]
    }

    @_lifetime(self: copy self)
    private mutating func readFrame(of function: SymbolizedFunction, _ strings: [String]) throws -> SymbolizedFrame {
        let file = try readString(of: strings)
        return SymbolizedFrame(function, file: file, line: Int(try read(UInt32.self)))
    }

    /// One of the calls before, nil for none.
    @_lifetime(self: copy self)
    private mutating func readCall(of calls: [InlinedCall]) throws -> InlinedCall? {
        let number = Int(try read(UInt32.self))
        guard number <= calls.count else { throw WireError() }
        return number == 0 ? nil : calls[number - 1]
    }
}
