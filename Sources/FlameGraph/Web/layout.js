// Where each box lies: its left and right edge as parts of the whole width.

export class Layout {
    // weights: by node, how wide it is, callees included. order: "weight" or "name".
    constructor(tree, weights, order) {
        this.left = new Float64Array(tree.count);
        this.right = new Float64Array(tree.count);
        if (!(weights[0] > 0)) {
            this.right[0] = 1;
            return;
        }
        const ranks = order === "name" ? rankByName(tree) : null;
        const scale = 1 / weights[0];
        this.right[0] = 1;
        for (let node = 0; node < tree.count; node++) {
            let child = node + 1;
            const end = tree.end[node];
            if (child >= end) continue;
            let position = this.left[node];
            if (tree.end[child] === end) {
                this.left[child] = position;
                this.right[child] = position + weights[child] * scale;
                continue;
            }
            const children = [];
            for (; child < end; child = tree.end[child]) children.push(child);
            children.sort((a, b) => {
                // What was left out stands behind everything that is named.
                const hidden = (tree.hiddenCount[a] > 0) - (tree.hiddenCount[b] > 0);
                if (hidden !== 0) return hidden;
                if (ranks) return ranks[tree.frame[a]] - ranks[tree.frame[b]];
                return weights[b] - weights[a] || a - b;
            });
            for (const next of children) {
                this.left[next] = position;
                position += weights[next] * scale;
                this.right[next] = position;
            }
        }
    }
}

function rankByName(tree) {
    const { name, file } = tree.frames;
    const sorted = name.map((_, frame) => frame);
    const folded = name.map((text) => text.toLowerCase());
    sorted.sort((a, b) => compare(folded[a], folded[b]) || compare(name[a], name[b]) || file[a] - file[b]);
    const ranks = new Int32Array(name.length);
    sorted.forEach((frame, rank) => { ranks[frame] = rank; });
    return ranks;
}

function compare(a, b) {
    return a < b ? -1 : a > b ? 1 : 0;
}
