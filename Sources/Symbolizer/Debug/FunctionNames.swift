/// What debug information says of one function, collected along its chain of origins.
struct FunctionNames {
    /// As the linker knows it (`DW_AT_linkage_name`); empty if it is not given.
    var linkageName = ""
    /// As the source spells it, without scopes.
    var name = ""
    /// With the scopes around it, where there are any and no linkage name.
    var scopedName: String?
    var declarationFile = ""
    var declarationLine: UInt32 = 0
    /// Whether the language has linkage names that differ from plain names.
    var isScoped = false
    /// Whether `name` is for readers as it is: a dot in a Go name marks no copy of a function.
    var isFinished = false
    /// What was made of all this, if it was.
    var function: SymbolizedFunction?

    /// The linkage name, or the next best.
    var ownName: String { linkageName.isEmpty ? name : linkageName }
    /// Whether no symbol can know a better name.
    var hasLinkageName: Bool { !linkageName.isEmpty || !isScoped }
}
