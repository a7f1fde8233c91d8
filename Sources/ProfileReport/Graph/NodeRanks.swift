/// The places of a table's nodes in the orders of their texts, so that sorting the millions of nodes of a call tree, which
/// are each one of the table's, compares no text.
struct NodeRanks {
    /// By node of the table, the place of what is printed for it.
    let names: [Int32]
    /// By node of the table, the place of all that is known of it.
    let descriptions: [Int32]

    init(_ table: NodeTable) {
        let all = (0..<Int32(table.count))
        names = table.ranks(of: all, by: table.names)
        descriptions = table.ranks(of: all, by: table.infos.map { table.fullDescription($0) })
    }
}
