import Glibc
import Primitives
import ProfileModel

/// The order in which a report lists its nodes.
///
/// Facts: github.com/google/pprof `internal/graph/graph.go`. Where pprof leaves the order to chance, among nodes that
/// print alike and cost the same, the first seen comes first.
enum NodeOrder {
    case flat
    case cumulative
    /// By how much is to be learnt from the node in a graph.
    case entropy
}

extension TrimmedGraph {
    /// Sorts `nodes`: the greatest first, without sign, then by name.
    ///
    /// - Parameter ranks: The order of names; nil to compare them as they are, which is less work for nodes that each
    ///   have another name.
    func sort(_ nodes: inout [Int], by order: NodeOrder, _ edges: GraphEdges?, _ ranks: NodeRanks? = nil) {
        struct Entry {
            var node: Int
            /// Where the node was before, which decides where nothing else does, as in pprof's sort of short lists.
            var position: Int
            var score: Int64
            var second: Int64
            /// Its place in the order of names, and of descriptions; 0 if these are not known.
            var name: Int32 = 0
            var description: Int32 = 0
        }
        var entries = nodes.enumerated().map { position, node in
            let (flat, cumulative) = (absolute(weights.flat[node]), absolute(weights.cumulative[node]))
            var entry =
                switch order {
                case .flat: Entry(node: node, position: position, score: flat, second: cumulative)
                case .cumulative: Entry(node: node, position: position, score: cumulative, second: flat)
                case .entropy:
                    Entry(
                        node: node, position: position, score: absolute(edges.map { entropyScore(node, $0) } ?? 0),
                        second: flat)
                }
            if let ranks {
                entry.name = ranks.names[tableNode(node)]
                entry.description = ranks.descriptions[tableNode(node)]
            }
            return entry
        }
        let hasRanks = ranks != nil
        entries.sort { left, right in
            if left.score != right.score { return left.score > right.score }
            if left.name != right.name { return left.name < right.name }
            if !hasRanks {
                let (leftName, rightName) = (printableName(left.node), printableName(right.node))
                if leftName != rightName { return bytesPrecede(leftName, rightName) }
            }
            if left.second != right.second { return left.second > right.second }
            if left.description != right.description { return left.description < right.description }
            if !hasRanks {
                let (leftText, rightText) = (fullDescription(left.node), fullDescription(right.node))
                if leftText != rightText { return bytesPrecede(leftText, rightText) }
            }
            return left.position < right.position
        }
        nodes = entries.map(\.node)
    }

    /// Whether the first call is drawn before the other: the heaviest first, then by names.
    func precedes(_ left: GraphEdge, _ right: GraphEdge) -> Bool {
        if left.weight != right.weight {
            let (first, second) = (absolute(left.weight), absolute(right.weight))
            if first != second { return first > second }
        }
        let (caller, otherCaller) = (rank(left.caller), rank(right.caller))
        if caller != otherCaller { return caller < otherCaller }
        let (callee, otherCallee) = (rank(left.callee), rank(right.callee))
        if callee != otherCallee { return callee < otherCallee }
        return (left.caller, left.callee) < (right.caller, right.callee)
    }

    /// High for nodes where calls meet or part, and for the first and the last; low for those that are only passed
    /// through.
    private func entropyScore(_ node: Int, _ edges: GraphEdges) -> Int64 {
        let score =
            entropy(edges.calls(of: node).map { edges.edges[$0].weight }, own: 0)
            + entropy(edges.calls(from: node).map { edges.edges[$0].weight }, own: weights.flat[node])
        return truncated(score * Double(weights.cumulative[node])) &+ weights.flat[node]
    }

    /// The entropy of the distribution of weights in bits; 1 if there are none.
    private func entropy(_ weights: [Int64], own: Int64) -> Double {
        if weights.isEmpty { return 1 }
        var total = own
        for weight in weights where weight > 0 { total &+= weight }
        if total == 0 { return 0 }
        var sum = 0.0
        for weight in weights {
            let part = Double(absolute(weight)) / Double(total)
            sum += -part * log2(part)
        }
        if own > 0 {
            let part = Double(own) / Double(total)
            sum += -part * log2(part)
        }
        return sum
    }

    private func fullDescription(_ node: Int) -> String { table.fullDescription(info(node)) }
}
