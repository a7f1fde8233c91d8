/// The functions of two profiles, numbered together: those of the same name are one, wherever their sources lie, because
/// a path says more about who built a program than about what it does.
struct FunctionNumbers {
    private(set) var names: [String] = []
    private var known: [String: Int32] = [:]

    /// The number of the function called `name`, which is added if it is new.
    mutating func number(_ name: String) -> Int32 {
        if let known = known[name] { return known }
        let number = Int32(names.count)
        names.append(name)
        known[name] = number
        return number
    }
}
