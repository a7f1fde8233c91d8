/// The functions of two profiles, numbered together: those of the same name are one.
struct JointFunctions {
    /// The names by number: those of the first profile, then what only the second has.
    let names: [String]
    /// By side, the numbers of its own functions.
    let numbers: [[Int32]]

    init(before: [String], after: [String]) {
        var names = before
        var known: [String: Int32] = [:]
        known.reserveCapacity(before.count)
        for (number, name) in before.enumerated() { known[name] = Int32(number) }
        let numbersAfter = after.map { name in
            if let number = known[name] { return number }
            names.append(name)
            return Int32(names.count - 1)
        }
        self.names = names
        numbers = [before.indices.map { Int32($0) }, numbersAfter]
    }
}
