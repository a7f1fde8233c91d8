extension RustDemangler {
    /// Reads and writes a path. `inValue` says that it names a value, where generic arguments follow `::`.
    @_lifetime(self: copy self)
    mutating func path(inValue: Bool) throws(RustDemanglingError) {
        try enter()
        let tag = try next()
        switch tag {
        case UInt8(ascii: "C"):
            _ = try optionalNumber62("s")
            try write(identifier())
        case UInt8(ascii: "N"):
            try nestedPath(inValue: inValue)
        case UInt8(ascii: "M"), UInt8(ascii: "X"):
            // The path of the impl block itself says nothing that the type does not say.
            _ = try optionalNumber62("s")
            silence += 1
            try path(inValue: false)
            silence -= 1
            try qualifiedType(hasTrait: tag == UInt8(ascii: "X"))
        case UInt8(ascii: "Y"):
            try qualifiedType(hasTrait: true)
        case UInt8(ascii: "I"):
            try path(inValue: inValue)
            if inValue { try write("::") }
            try write("<")
            try genericArguments()
            try write(">")
        case UInt8(ascii: "B"):
            let target = try backReference()
            if silence == 0 {
                let resume = position
                position = target
                try path(inValue: inValue)
                position = resume
            }
        default:
            throw .invalid
        }
        leave()
    }

    /// Behind `N`: a namespace, the path of the parent, and a name. Namespaces in capitals are special: closures, shims.
    @_lifetime(self: copy self)
    private mutating func nestedPath(inValue: Bool) throws(RustDemanglingError) {
        let namespace = try next()
        let isSpecial = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(namespace)
        guard isSpecial || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(namespace) else { throw .invalid }
        try path(inValue: inValue)
        let disambiguator = try optionalNumber62("s")
        let name = try identifier()
        guard isSpecial else {
            if name.isEmpty { return }
            try write("::")
            return try write(name)
        }
        try write("::{")
        switch namespace {
        case UInt8(ascii: "C"): try write("closure")
        case UInt8(ascii: "S"): try write("shim")
        default: try write(String(Unicode.Scalar(namespace)))
        }
        if !name.isEmpty {
            try write(":")
            try write(name)
        }
        try write("#")
        try write(String(disambiguator))
        try write("}")
    }

    /// `<Type>` or `<Type as Trait>`.
    @_lifetime(self: copy self)
    private mutating func qualifiedType(hasTrait: Bool) throws(RustDemanglingError) {
        try write("<")
        try type()
        if hasTrait {
            try write(" as ")
            try path(inValue: false)
        }
        try write(">")
    }

    /// Generic arguments up to their end `E`: lifetimes, constants and types.
    @_lifetime(self: copy self)
    private mutating func genericArguments() throws(RustDemanglingError) {
        var isFirst = true
        while !eat("E") {
            if !isFirst { try write(", ") }
            isFirst = false
            if eat("L") {
                try lifetime(number62())
            } else if eat("K") {
                try constant(inValue: false)
            } else {
                try type()
            }
        }
    }

    /// One trait of a `dyn` type with its associated types: `Iterator<Item = u8>`.
    @_lifetime(self: copy self)
    mutating func dynTrait() throws(RustDemanglingError) {
        var isOpen = try pathWithOpenGenerics()
        while eat("p") {
            if isOpen {
                try write(", ")
            } else {
                try write("<")
            }
            isOpen = true
            try write(identifier())
            try write(" = ")
            try type()
        }
        if isOpen { try write(">") }
    }

    /// A trait's path, whose generic arguments, if it has any, are left open for more: true if so.
    @_lifetime(self: copy self)
    private mutating func pathWithOpenGenerics() throws(RustDemanglingError) -> Bool {
        try enter()
        var isOpen = false
        if eat("B") {
            let target = try backReference()
            if silence == 0 {
                let resume = position
                position = target
                isOpen = try pathWithOpenGenerics()
                position = resume
            }
        } else if eat("I") {
            try path(inValue: false)
            try write("<")
            try genericArguments()
            isOpen = true
        } else {
            try path(inValue: false)
        }
        leave()
        return isOpen
    }
}
