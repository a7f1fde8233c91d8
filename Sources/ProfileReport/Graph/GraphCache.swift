import Synchronization

/// What was measured by node, kept for the next graph over the same profile: the report after the first of a shell then
/// only looks at the calls.
///
/// One of these belongs to one profile. What other options need takes the place of what was kept.
public final class GraphCache: Sendable {
    /// The options that decide on nodes and their weights.
    private struct Key: Equatable {
        var values: SampleValues
        var granularity: ReportOptions.Granularity
        var tellsBinariesApart: Bool
        var noInlines: Bool
        var showColumns: Bool
        var trimPath: String
        var sourcePath: String

        init(_ context: ReportContext) {
            values = context.values
            granularity = context.granularity
            tellsBinariesApart = context.kind.tellsBinariesApart
            noInlines = context.options.noInlines
            showColumns = context.options.showColumns
            trimPath = context.options.trimPath
            sourcePath = context.options.sourcePath
        }
    }

    private struct Kept {
        var key: Key
        var table: NodeTable
        var weights: NodeWeights
    }

    private let kept = Mutex<Kept?>(nil)

    /// An empty cache.
    public init() {}

    /// The nodes and weights for `context`, made by `make` unless they are known.
    func nodes(
        of context: ReportContext, _ make: () throws(ReportError) -> (NodeTable, NodeWeights)
    ) throws(ReportError) -> (table: NodeTable, weights: NodeWeights) {
        let key = Key(context)
        if let known = kept.withLock({ $0 }), known.key == key { return (known.table, known.weights) }
        let (table, weights) = try make()
        kept.withLock { $0 = Kept(key: key, table: table, weights: weights) }
        return (table, weights)
    }
}
