internal import Primitives

/// The frames of an answer as numbers: functions, inlined calls and strings once each, and for each address what it has of
/// its own. As in memory, neighbours share their functions and callers.
struct WireFrames {
    private(set) var strings: [String] = [""]
    /// For each function three numbers: linkage name, display name, line.
    private(set) var functions: [UInt32] = []
    /// For each call four numbers: function, file, line, and the next call, which comes before it, counted from 1.
    private(set) var calls: [UInt32] = []
    /// For each address four numbers, function and call counted from 1: function, file, line, call.
    private(set) var addresses: [UInt32] = []
    /// The frames of all addresses, as an array for each would have them.
    private(set) var frameCount = 0

    static let functionSize = 3
    static let callSize = 4
    static let addressSize = 4

    private var stringNumbers: [String: UInt32] = ["": 0]
    /// For each string the number of the display name that a function of this linkage name had, 0 for none: the next one of that
    /// name has the same, in the same memory, which is compared faster than long names are hashed.
    private var displayNumbers: [UInt32] = [0]
    private var functionNumbers: [ObjectIdentifier: UInt32] = [:]
    private var callNumbers: [ObjectIdentifier: UInt32] = [:]

    /// Adds the frames of one more address.
    mutating func append(_ address: SymbolizedAddress) {
        guard let innermost = address.innermost else {
            addresses += [0, 0, 0, 0]
            return
        }
        let call = address.inlinedAt.map { number(of: $0) + 1 } ?? 0
        addresses += [
            number(of: innermost.function) + 1, number(of: innermost.file), UInt32(clamping: innermost.line), call,
        ]
        frameCount += address.frameCount
    }

    private mutating func number(of string: String) -> UInt32 {
        if string.isEmpty { return 0 }
        if let number = stringNumbers[string] { return number }
        let number = UInt32(clamping: strings.count)
        strings.append(string)
        displayNumbers.append(0)
        stringNumbers[string] = number
        return number
    }

    private mutating func number(ofDisplayName name: String, linkageName: UInt32) -> UInt32 {
        let known = displayNumbers[Int(linkageName)]
        if strings[Int(known)] == name { return known }
        let number = number(of: name)
        displayNumbers[Int(linkageName)] = number
        return number
    }

    private mutating func number(of function: SymbolizedFunction) -> UInt32 {
        if let number = functionNumbers[ObjectIdentifier(function)] { return number }
        let number = UInt32(clamping: functions.count / Self.functionSize)
        let name = self.number(of: function.linkageName)
        functions += [
            name, self.number(ofDisplayName: function.displayName ?? "", linkageName: name),
            UInt32(clamping: function.startLine),
        ]
        functionNumbers[ObjectIdentifier(function)] = number
        return number
    }

    private mutating func number(of call: InlinedCall) -> UInt32 {
        // From the first call that is known inwards.
        var unknown: [InlinedCall] = []
        var next: InlinedCall? = call
        while let call = next, callNumbers[ObjectIdentifier(call)] == nil {
            unknown.append(call)
            next = call.next
        }
        var number = next.flatMap { callNumbers[ObjectIdentifier($0)] }
        for call in unknown.reversed() {
            calls += [
                self.number(of: call.caller.function), self.number(of: call.caller.file),
                UInt32(clamping: call.caller.line), number.map { $0 + 1 } ?? 0,
            ]
            number = UInt32(clamping: calls.count / Self.callSize - 1)
            callNumbers[ObjectIdentifier(call)] = number
        }
        return number ?? 0
    }
}
