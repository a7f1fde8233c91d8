// Collections, strings, generics, protocols and thrown errors, for as many rounds as the argument says.
protocol Shape {
    func area(_ depth: Int) -> Double
}

final class Square: Shape {
    let side = 2.0
    @inline(never) func area(_ depth: Int) -> Double { depth == 0 ? side * side : side + area(depth - 1) }
}

struct Failure: Error { var depth: Int }

@inline(never) func thrower(_ depth: Int) throws -> Int {
    if depth == 0 { throw Failure(depth: depth) }
    return try thrower(depth - 1) + depth
}

@inline(never) func fibonacci(_ n: Int) -> Int { n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2) }

@inline(never) func round(_ seed: Int) -> Int {
    var words = (0..<500).map { "word\(($0 * 7919 + seed) % 509)" }
    var counts: [String: Int] = [:]
    for word in words { counts[word, default: 0] += 1 }
    words.sort { $0 > $1 }
    let shape: any Shape = Square()
    return counts.count + Int(shape.area(40)) + ((try? thrower(30)) ?? 1) + fibonacci(17)
        + words.reduce(0) { $0 + $1.utf8.count }
}

let rounds = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 100
var sum = 0
for seed in 0..<rounds { sum &+= round(seed) }
print(sum)
