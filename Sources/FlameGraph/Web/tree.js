// The tree of calls as flat arrays in preorder: the callees of node i start at i + 1 and end before end[i].

export class CallTree {
    // data is what FlamePage+Data.swift writes; there, negative frames are callees that were left out: -n stands for n
    // of them.
    constructor(data) {
        const { frame, depth } = data.nodes;
        const count = depth.length;
        this.count = count;
        this.depth = Int32Array.from(depth);
        this.frame = new Int32Array(count);
        this.isInlined = new Uint8Array(count);
        this.hiddenCount = new Int32Array(count);
        this.parent = new Int32Array(count).fill(-1);
        this.end = new Int32Array(count).fill(count);
        this.frames = data.frames;
        this.strings = data.strings;
        this.rootName = data.title;
        const open = [];
        for (let i = 0; i < count; i++) {
            while (open.length > this.depth[i]) this.end[open.pop()] = i;
            if (open.length > 0) this.parent[i] = open[open.length - 1];
            open.push(i);
            if (i === 0) {
                this.frame[i] = -1;
            } else if (frame[i] < 0) {
                this.frame[i] = -1;
                this.hiddenCount[i] = -frame[i];
            } else {
                this.frame[i] = frame[i] >> 1;
                this.isInlined[i] = frame[i] & 1;
            }
        }
        this.paths = this.#hashPaths();
    }

    name(node) {
        if (node === 0) return this.rootName;
        if (this.hiddenCount[node] > 0) {
            return this.hiddenCount[node] === 1
                ? "1 call too small to keep" : `${this.hiddenCount[node]} calls too small to keep`;
        }
        return this.frames.name[this.frame[node]];
    }

    // A shorter form of the name, for narrow boxes.
    shortName(node) {
        const frame = this.frame[node];
        if (frame < 0) return node === 0 ? this.rootName : "…";
        return this.frames.short[frame] || this.frames.name[frame];
    }

    file(node) {
        const frame = this.frame[node];
        return frame < 0 ? "" : this.strings[this.frames.file[frame]];
    }

    module(node) {
        const frame = this.frame[node];
        return frame < 0 ? "" : this.strings[this.frames.module[frame]];
    }

    // The sums over every node and what is below it, of numbers per node.
    totals(own) {
        const totals = Float64Array.from(own);
        for (let i = this.count - 1; i > 0; i--) totals[this.parent[i]] += totals[i];
        return totals;
    }

    isWithin(node, ancestor) {
        return node >= ancestor && node < this.end[ancestor];
    }

    // A number for each node that depends on the names from the root to it and on nothing else, so that a link to a box
    // finds it again in another page of the same program.
    #hashPaths() {
        const names = this.frames.name.map(hashText);
        const hashes = new Uint32Array(this.count);
        hashes[0] = 1;
        for (let i = 1; i < this.count; i++) {
            const own = this.frame[i] < 0 ? 7 : names[this.frame[i]];
            hashes[i] = Math.imul(hashes[this.parent[i]] ^ own, 0x9e3779b1) ^ (own >>> 15);
        }
        return hashes;
    }

    // The node whose path has this number, or 0.
    nodeOfPath(hash) {
        return Math.max(0, this.paths.indexOf(hash));
    }
}

// FNV-1a over UTF-16.
export function hashText(text) {
    let hash = 0x811c9dc5;
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    return hash >>> 0;
}
