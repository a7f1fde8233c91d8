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
}
