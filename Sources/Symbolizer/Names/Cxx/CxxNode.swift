/// The number of a node in a ``CxxDemangler``.
struct CxxNodeID: BitwiseCopyable, Equatable {
    let number: Int32

    /// No node, where one is optional.
    static let none = CxxNodeID(number: -1)

    @inline(__always) var exists: Bool { number >= 0 }
}

/// A piece of a C++ name: what a production of the grammar was read as.
///
/// A name is a graph of them without cycles, as substitutions refer to pieces that came before. What `left` and `right`
/// are depends on the kind, see ``CxxNodeKind``.
struct CxxNode: BitwiseCopyable {
    var kind: CxxNodeKind
    var dependence: CxxDependence
    /// How often it is being written now: a piece can be met again inside itself, by way of template arguments.
    var writingCount: UInt8 = 0
    /// The code of an operator: its two letters.
    var code: UInt16 = 0
    var left: CxxNodeID
    var right: CxxNodeID
    /// Where its text is in the output, if it was written and will be the same everywhere.
    var textStart: Int32 = 0
    var textCount: Int32 = 0

    /// Of a template parameter, whose text is never kept: the scope in which it was met first as what a reference refers to.
    var savedScope: Int32? {
        get { textCount == 0 ? nil : textCount - 2 }
        set { textCount = newValue.map { $0 + 2 } ?? 0 }
    }
}

/// What the text of a node depends on beside itself.
struct CxxDependence: OptionSet, BitwiseCopyable {
    let rawValue: UInt8

    /// The template arguments around it.
    static let arguments = CxxDependence(rawValue: 1)
    /// The declarator around it: `int ()` is written otherwise in `int (*)()`.
    static let declarator = CxxDependence(rawValue: 2)
    /// Whether it is in a generic lambda: there are template parameters in it, those of other lambdas aside.
    static let lambda = CxxDependence(rawValue: 4)
}

/// What a node is; behind it what `left` and `right` are.
enum CxxNodeKind: UInt8 {
    // Leaves, whose two numbers are no nodes.

    /// An identifier: its place in the input, its length.
    case name
    /// A text that stands for itself: a ``CxxWord``.
    case word
    /// The abbreviation of a name in `std`: a ``CxxWord``.
    case abbreviation
    /// A fundamental type: its letter, that behind `D` with 256 added.
    case builtin
    /// Its index; the scope where it was met in a reference is kept in `savedScope`.
    case templateParameter
    /// Its number; 0 is `this`.
    case functionParameter
    /// `{unnamed type#1}`: its number.
    case unnamedType
    /// A number: itself.
    case number
    /// The name of an operator function: `code`.
    case operatorName

    // Names.

    /// The scope, the name in it.
    case qualifiedName
    /// The function around it, the name in it.
    case localName
    /// The name of a function with its qualifiers, its type.
    case typedName
    /// The template, the list of arguments.
    case template
    /// The name, the tag.
    case taggedName
    /// The class's name.
    case constructor, destructor
    /// The type that is converted to.
    case conversion
    /// `operator"" x`: the suffix.
    case literalOperator
    /// The list of parameters; `right` is its number.
    case lambda
    /// The name; `right` is the number of the argument in whose default it is.
    case defaultArgument

    // Special names: what they belong to.

    case vtable, vtt, typeinfo, typeinfoName, thunk, virtualThunk, covariantThunk, guardVariable, tlsInit, tlsWrapper
    /// The base, the class in which it is constructed.
    case constructionVtable
    /// The variable, the number.
    case referenceTemporary

    // Types: what they are made from.

    case pointer, reference, rvalueReference, complex, imaginary
    case const, volatile, restrict
    /// Those of the object that a member function is called on.
    case constThis, volatileThis, restrictThis, referenceThis, rvalueReferenceThis
    /// The function; the condition or nothing.
    case noexcept
    /// The function, the list of types.
    case throwSpecification
    /// The type, the qualifier's name.
    case vendorQualifier
    /// The name.
    case vendorType
    /// What is returned or nothing, the list of parameters.
    case functionType
    /// The dimension or nothing, the element.
    case arrayType
    /// The class, the member.
    case memberPointer
    /// The dimension, the element.
    case vectorType
    /// The expression.
    case decltype
    /// The pattern.
    case packExpansion

    /// An element or nothing, the rest of the list or nothing: parameters, arguments of functions and of templates.
    case list, templateList

    // Expressions.

    /// The type, the digits.
    case literal, negativeLiteral
    /// `code`.
    case nullary
    /// `code`, the operand.
    case unary, postfix
    /// The type, the operand.
    case cast
    /// `code`, both operands.
    case binary
    /// The condition, a pair.
    case conditional
    /// The operator, a pair; `code` says from which side.
    case fold
    /// The second and the third operand.
    case pair
    /// The type or nothing, the list.
    case initializerList
    /// The qualified conversion of an expression's name, which cannot be shown.
    case unshownCast

    /// Qualifiers of types, which an array hands to its elements.
    @inline(__always) var isTypeQualifier: Bool {
        self == .const || self == .volatile || self == .restrict
    }

    /// What stands behind the parameters of a function.
    @inline(__always) var isFunctionQualifier: Bool {
        switch self {
        case .constThis, .volatileThis, .restrictThis, .referenceThis, .rvalueReferenceThis, .noexcept,
            .throwSpecification:
            true
        default: false
        }
    }
}

/// Why our own demangler has no text for a name.
enum CxxDemanglingError: Error {
    /// It is not one, or has a form that is read by the system's demangler only.
    case unknown
    /// It goes beyond ``DemanglingLimits``, or is one that no demangler should be given.
    case refused
}

/// A list in the making.
struct CxxList {
    var first = CxxNodeID.none
    fileprivate(set) var last = CxxNodeID.none
    fileprivate(set) var count = 0
}

extension CxxDemangler {
    /// Adds an element to a list, whose first node depends on what any of the elements depends on.
    mutating func add(
        _ element: CxxNodeID, _ kind: CxxNodeKind, to list: inout CxxList
    ) throws(CxxDemanglingError) {
        let added = try node(kind, element)
        list.count &+= 1
        let last = list.last
        list.last = added
        guard last.exists else {
            list.first = added
            return
        }
        nodes[last].right = added
        nodes[list.first].dependence.formUnion(nodes[added].dependence)
    }
}
