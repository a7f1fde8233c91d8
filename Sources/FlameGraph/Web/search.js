// Which functions a search means.

export class Search {
    // The text is a regular expression, or plain text where it is none. Capitals count only if it has some.
    constructor(text, tree) {
        this.text = text;
        this.matches = null;
        this.isPlain = false;
        if (text === "") return;
        const flags = /\p{Lu}/u.test(text) ? "u" : "iu";
        let expression;
        try {
            expression = new RegExp(text, flags);
        } catch {
            this.isPlain = true;
            expression = new RegExp(text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"), flags);
        }
        this.matches = Uint8Array.from(tree.frames.name, (name, frame) =>
            expression.test(name) || expression.test(tree.strings[tree.frames.file[frame]]) ? 1 : 0);
    }

    // All functions of a module, for its entry in the legend.
    static module(name, tree) {
        const search = new Search("", tree);
        search.matches = Uint8Array.from(tree.frames.module, (module) => tree.strings[module] === name ? 1 : 0);
        return search;
    }

    get isActive() {
        return this.matches !== null;
    }

    has(tree, node) {
        const frame = tree.frame[node];
        return frame >= 0 && this.matches !== null && this.matches[frame] === 1;
    }

    // The outermost matching nodes at or below root: together they are what the search accounts for, each part counted
    // once although matching functions call each other.
    outermost(tree, root) {
        const nodes = [];
        if (!this.isActive) return nodes;
        for (let node = root; node < tree.end[root];) {
            if (this.has(tree, node)) {
                nodes.push(node);
                node = tree.end[node];
            } else {
                node++;
            }
        }
        return nodes;
    }
}
