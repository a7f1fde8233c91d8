// What the boxes stand for: the values of one sample type, and of a base to compare with.

export class Measures {
    // options: type (a position in data.types), width ("both", "after" or "before") and isNormalized, which scales the
    // base to the total of what is compared with it.
    constructor(data, tree, options) {
        const { type, width, isNormalized } = options;
        const own = data.values[type];
        this.unit = data.types[type].unit;
        this.hasBase = data.hasBase;
        this.total = tree.totals(own);
        this.own = Float64Array.from(own);
        this.hasNegative = false;
        if (data.hasBase) {
            this.baseOwn = Float64Array.from(data.values[type + data.types.length]);
            this.baseTotal = tree.totals(this.baseOwn);
            const scale = isNormalized && this.baseTotal[0] !== 0 ? this.total[0] / this.baseTotal[0] : 1;
            this.baseScale = scale;
            const parts = { both: [1, scale], after: [1, 0], before: [0, scale] }[width];
            this.size = tree.totals(this.own.map((value, node) =>
                Math.abs(value) * parts[0] + Math.abs(this.baseOwn[node]) * parts[1]));
        } else {
            this.hasNegative = this.own.some((value) => value < 0);
            this.size = this.hasNegative ? tree.totals(this.own.map(Math.abs)) : this.total;
        }
    }

    // Whether boxes have the colour of a change instead of that of a module.
    get showsChange() {
        return this.hasBase || this.hasNegative;
    }

    // From −1 (gone) over 0 (the same) to 1 (new).
    change(node) {
        if (this.hasBase) {
            const after = Math.abs(this.total[node]);
            const before = Math.abs(this.baseTotal[node]) * this.baseScale;
            return after + before > 0 ? (after - before) / (after + before) : 0;
        }
        return this.size[node] > 0 ? this.total[node] / this.size[node] : 0;
    }

    // The share that a node has of the whole, before and after.
    shares(node) {
        return {
            after: this.total[0] === 0 ? 0 : this.total[node] / this.total[0],
            before: this.baseTotal[0] === 0 ? 0 : this.baseTotal[node] / this.baseTotal[0],
        };
    }
}
