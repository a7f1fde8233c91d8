extension RustDemangler {
    /// Reads and writes a type.
    @_lifetime(self: copy self)
    mutating func type() throws(RustDemanglingError) {
        try enter()
        let tag = try next()
        if let name = basicTypeName(tag) {
            try write(name)
            return leave()
        }
        switch tag {
        case UInt8(ascii: "R"), UInt8(ascii: "Q"):
            try write("&")
            if eat("L") {
                let index = try number62()
                if index != 0 {
                    try lifetime(index)
                    try write(" ")
                }
            }
            if tag == UInt8(ascii: "Q") { try write("mut ") }
            try type()
        case UInt8(ascii: "P"):
            try write("*const ")
            try type()
        case UInt8(ascii: "O"):
            try write("*mut ")
            try type()
        case UInt8(ascii: "A"), UInt8(ascii: "S"):
            try write("[")
            try type()
            if tag == UInt8(ascii: "A") {
                try write("; ")
                try constant(inValue: true)
            }
            try write("]")
        case UInt8(ascii: "T"):
            try write("(")
            if try types() == 1 { try write(",") }
            try write(")")
        case UInt8(ascii: "F"):
            let outside = boundLifetimes
            try binder()
            try functionType()
            boundLifetimes = outside
        case UInt8(ascii: "D"):
            try dynType()
        case UInt8(ascii: "W"):
            try type()
            try write(" is ")
            try pattern()
        case UInt8(ascii: "B"):
            let target = try backReference()
            if silence == 0 {
                let resume = position
                position = target
                try type()
                position = resume
            }
        default:
            position -= 1
            try path(inValue: false)
        }
        leave()
    }

    /// Types up to their end `E`, with commas between them; how many they were.
    @_lifetime(self: copy self)
    private mutating func types() throws(RustDemanglingError) -> Int {
        var count = 0
        while !eat("E") {
            if count > 0 { try write(", ") }
            count += 1
            try type()
        }
        return count
    }

    /// Behind `F` and its binder: `unsafe extern "C" fn(A, B) -> C`.
    @_lifetime(self: copy self)
    private mutating func functionType() throws(RustDemanglingError) {
        if eat("U") { try write("unsafe ") }
        if eat("K") {
            try write("extern \"")
            if eat("C") {
                try write("C")
            } else {
                let abi = try identifier()
                guard abi.punycode == nil, !abi.ascii.isEmpty else { throw .invalid }
                // Dashes are mangled as underscores.
                let text = abi.ascii.map { name[$0] == UInt8(ascii: "_") ? UInt8(ascii: "-") : name[$0] }
                try write(String(decoding: text, as: UTF8.self))
            }
            try write("\" ")
        }
        try write("fn(")
        _ = try types()
        try write(")")
        if eat("u") { return }
        try write(" -> ")
        try type()
    }

    /// Behind `D`: traits up to `E`, then the lifetime of the object.
    @_lifetime(self: copy self)
    private mutating func dynType() throws(RustDemanglingError) {
        try write("dyn ")
        let outside = boundLifetimes
        try binder()
        var isFirst = true
        while !eat("E") {
            if !isFirst { try write(" + ") }
            isFirst = false
            try dynTrait()
        }
        boundLifetimes = outside
        guard eat("L") else { throw .invalid }
        let index = try number62()
        if index != 0 {
            try write(" + ")
            try lifetime(index)
        }
    }

    /// An optional binder `for<'a, 'b> `; the caller takes its lifetimes back when their scope ends.
    @_lifetime(self: copy self)
    private mutating func binder() throws(RustDemanglingError) {
        let count = try optionalNumber62("G")
        guard count > 0, silence == 0 else { return }
        try write("for<")
        for index in 0..<count {
            if index > 0 { try write(", ") }
            boundLifetimes += 1
            // Ends at the limit of the output, however large the count is.
            try lifetime(1)
        }
        try write("> ")
    }

    /// A pattern that restricts a type: a range, alternatives, or not null.
    @_lifetime(self: copy self)
    private mutating func pattern() throws(RustDemanglingError) {
        try enter()
        switch try next() {
        case UInt8(ascii: "R"):
            try constant(inValue: false)
            try write("..=")
            try constant(inValue: false)
        case UInt8(ascii: "O"):
            try pattern()
            while !eat("E") {
                try write(" | ")
                try pattern()
            }
        case UInt8(ascii: "N"):
            try write("!null")
        default:
            throw .invalid
        }
        leave()
    }

    /// The name of a type whose tag is a single lower-case letter.
    func basicTypeName(_ tag: UInt8) -> StaticString? {
        switch Unicode.Scalar(tag) {
        case "a": "i8"
        case "b": "bool"
        case "c": "char"
        case "d": "f64"
        case "e": "str"
        case "f": "f32"
        case "h": "u8"
        case "i": "isize"
        case "j": "usize"
        case "l": "i32"
        case "m": "u32"
        case "n": "i128"
        case "o": "u128"
        case "p": "_"
        case "s": "i16"
        case "t": "u16"
        case "u": "()"
        case "v": "..."
        case "x": "i64"
        case "y": "u64"
        case "z": "!"
        default: nil
        }
    }
}
