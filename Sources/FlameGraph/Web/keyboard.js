// Moving through the boxes without a pointer.

// The node that an arrow key leads to from node, or node itself where there is nothing further.
export function neighbour(tree, layout, node, root, direction) {
    switch (direction) {
    case "caller":
        return tree.parent[node] < 0 ? node : tree.parent[node];
    case "callee":
        return widestCallee(tree, layout, node);
    case "left":
    case "right":
        return beside(tree, layout, node, root, direction === "right");
    default:
        return node;
    }
}

function widestCallee(tree, layout, node) {
    let best = node;
    let width = 0;
    for (let child = node + 1; child < tree.end[node]; child = tree.end[child]) {
        const size = layout.right[child] - layout.left[child];
        if (size > width) [best, width] = [child, size];
    }
    return best;
}

// The nearest box of the same row, whoever called it.
function beside(tree, layout, node, root, isRight) {
    const depth = tree.depth[node];
    let best = node;
    let distance = Infinity;
    for (let other = root; other < tree.end[root];) {
        if (tree.depth[other] < depth) {
            other++;
            continue;
        }
        if (tree.depth[other] === depth && other !== node) {
            const gap = isRight ? layout.left[other] - layout.right[node] : layout.left[node] - layout.right[other];
            // Neighbours share an edge, up to what sums of fractions lose.
            if (gap > -1e-9 && gap < distance && layout.right[other] > layout.left[other]) {
                [best, distance] = [other, gap];
            }
        }
        other = tree.end[other];
    }
    return best;
}
