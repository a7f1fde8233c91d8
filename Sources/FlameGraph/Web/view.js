// The boxes, drawn on a canvas that covers what is visible of them.

import { visible } from "./format.js";

const rowHeight = 20;
const smallestBox = 0.5;
const smallestText = 22;
const textInset = 5;
const zoomMilliseconds = 160;

export class FlameView {
    // colorOf and isDimmed are asked for every box that is drawn.
    constructor(scroller, canvas, extent, tree) {
        Object.assign(this, { scroller, canvas, extent, tree });
        this.context = canvas.getContext("2d");
        this.layout = null;
        this.palette = null;
        this.colorOf = () => "grey";
        this.isMatch = () => false;
        this.isSearching = false;
        this.root = 0;
        this.focus = -1;
        this.hover = -1;
        this.isFlame = false;
        // The part of the whole width that is shown.
        this.from = 0;
        this.to = 1;
        this.rows = 1;
        this.nameWidths = new Map();
        this.isDrawPending = false;
        this.animation = null;
        scroller.addEventListener("scroll", () => this.requestDraw(), { passive: true });
        new ResizeObserver(() => this.requestDraw()).observe(scroller);
    }

    setLayout(layout) {
        this.layout = layout;
        this.animation = null;
        this.from = layout.left[this.root];
        this.to = layout.right[this.root];
        this.requestDraw();
    }

    // Shows node as wide as the page, and its callers above it.
    zoom(node, isAnimated = true) {
        this.root = node;
        const target = { from: this.layout.left[node], to: this.layout.right[node] };
        const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
        if (!isAnimated || isStill) {
            this.animation = null;
            Object.assign(this, target);
        } else {
            this.animation = { from: this.from, to: this.to, target, start: performance.now() };
        }
        this.requestDraw();
    }

    requestDraw() {
        if (this.isDrawPending) return;
        this.isDrawPending = true;
        requestAnimationFrame((now) => {
            this.isDrawPending = false;
            this.#animate(now);
            this.draw();
        });
    }

    #animate(now) {
        if (this.animation === null) return;
        const { from, to, target, start } = this.animation;
        const time = Math.min(1, Math.max(0, (now - start) / zoomMilliseconds));
        const eased = 1 - (1 - time) ** 3;
        this.from = from + (target.from - from) * eased;
        this.to = to + (target.to - to) * eased;
        if (time === 1) {
            Object.assign(this, target);
            this.animation = null;
        } else {
            this.requestDraw();
        }
    }

    draw() {
        if (this.layout === null) return;
        const { tree, context } = this;
        const width = this.scroller.clientWidth;
        const height = this.scroller.clientHeight;
        this.#fitCanvas(width, height);
        const boxes = this.#visibleBoxes(width);
        this.#fitExtent(boxes, height);
        const top = this.scroller.scrollTop;
        context.clearRect(0, 0, width, height);
        context.font = getComputedStyle(this.canvas).font;
        context.textBaseline = "middle";
        context.direction = "ltr";
        for (const node of boxes) {
            const y = this.#top(tree.depth[node]) - top;
            if (y + rowHeight < 0 || y > height) continue;
            const left = Math.max(0, this.#x(this.layout.left[node], width));
            const right = Math.min(width, this.#x(this.layout.right[node], width));
            this.#drawBox(node, left, right, y);
        }
        this.#drawOutline(this.focus, width, top, 2);
        if (this.hover !== this.focus) this.#drawOutline(this.hover, width, top, 1);
    }

    #drawBox(node, left, right, y) {
        const { context, tree, palette } = this;
        const theme = palette.theme;
        const isHidden = tree.hiddenCount[node] > 0;
        const isMatch = this.isMatch(node);
        context.globalAlpha = this.isSearching && !isMatch ? 0.28 : this.#isAboveRoot(node) ? 0.6 : 1;
        context.fillStyle = isMatch ? theme.match : isHidden ? theme.hidden : this.colorOf(node);
        // A gap of the background separates boxes that have room for one.
        const gap = right - left > 3 ? 1 : 0;
        context.fillRect(left, y, right - left - gap, rowHeight - 1);
        if (tree.isInlined[node] && right - left > 8) {
            // Inlined calls are marked by a dashed upper edge: there is no call at run time.
            context.fillStyle = theme.edge;
            for (let x = left; x < right - gap; x += 6) context.fillRect(x, y, Math.min(3, right - gap - x), 2);
        }
        if (right - left >= smallestText) {
            context.globalAlpha = this.isSearching && !isMatch ? 0.55 : 1;
            context.fillStyle = isMatch ? "#ffffff" : isHidden ? theme.hiddenText : theme.text;
            const text = this.#fitText(node, right - left - gap - 2 * textInset);
            if (text !== "") context.fillText(text, left + textInset, y + rowHeight / 2);
        }
        context.globalAlpha = 1;
    }

    #drawOutline(node, width, top, thickness) {
        if (node < 0) return;
        const box = this.#box(node, width, top);
        if (box === null) return;
        const { context } = this;
        context.strokeStyle = this.palette.theme.outline;
        context.lineWidth = thickness;
        const inset = thickness / 2;
        context.strokeRect(
            box.left + inset, box.top + inset, Math.max(1, box.width - thickness - 1), rowHeight - 1 - thickness);
    }

    // The nodes that are wide enough to be seen, in preorder.
    #visibleBoxes(width) {
        const { tree, layout } = this;
        const boxes = [];
        const smallest = (smallestBox / Math.max(1, width)) * (this.to - this.from);
        for (let node = 0; node < tree.count;) {
            const left = layout.left[node];
            const right = layout.right[node];
            if (right <= this.from || left >= this.to || right - left < smallest) {
                node = tree.end[node];
            } else {
                boxes.push(node);
                node++;
            }
        }
        return boxes;
    }

    #fitCanvas(width, height) {
        const ratio = globalThis.devicePixelRatio || 1;
        const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
        if (this.canvas.width !== wide || this.canvas.height !== high) {
            this.canvas.width = wide;
            this.canvas.height = high;
            this.canvas.style.width = `${width}px`;
            this.canvas.style.height = `${height}px`;
            this.nameWidths.clear();
        }
        this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    }

    // Makes the scrolled area as high as the boxes need; a flame stands on its bottom.
    #fitExtent(boxes, height) {
        let deepest = 0;
        for (const node of boxes) deepest = Math.max(deepest, this.tree.depth[node]);
        const rows = deepest + 1;
        const needed = Math.max(rows * rowHeight + 4, height);
        if (this.height === needed && this.rows === rows) return;
        const fromBottom = this.extent.offsetHeight - this.scroller.scrollTop;
        this.rows = rows;
        this.height = needed;
        this.extent.style.height = `${needed}px`;
        if (this.isFlame) this.scroller.scrollTop = Math.max(0, needed - fromBottom);
    }

    // The node whose callers are shown above it and are no part of what is shown.
    #isAboveRoot(node) {
        return node < this.root && this.tree.isWithin(this.root, node);
    }

    #x(position, width) {
        return ((position - this.from) / (this.to - this.from)) * width;
    }

    #top(depth) {
        return this.isFlame ? this.height - (depth + 1) * rowHeight - 2 : depth * rowHeight + 2;
    }

    #box(node, width, top) {
        const left = Math.max(0, this.#x(this.layout.left[node], width));
        const right = Math.min(width, this.#x(this.layout.right[node], width));
        if (!(right > left)) return null;
        return { left, top: this.#top(this.tree.depth[node]) - top, width: right - left, height: rowHeight - 1 };
    }

    // Where a node is drawn, in coordinates of the window; null if it is outside of what is zoomed to.
    boxOf(node) {
        const box = this.#box(node, this.scroller.clientWidth, this.scroller.scrollTop);
        if (box === null) return null;
        const area = this.scroller.getBoundingClientRect();
        return { left: box.left + area.left, top: box.top + area.top, width: box.width, height: box.height };
    }

    // The node at a point of the window, or -1.
    nodeAt(clientX, clientY) {
        const area = this.scroller.getBoundingClientRect();
        const x = clientX - area.left;
        const y = clientY - area.top + this.scroller.scrollTop;
        const width = this.scroller.clientWidth;
        if (x < 0 || x >= width || this.layout === null) return -1;
        const depth = Math.floor(this.isFlame ? (this.height - y - 2) / rowHeight : (y - 2) / rowHeight);
        if (depth < 0) return -1;
        const position = this.from + (x / width) * (this.to - this.from);
        const { tree, layout } = this;
        for (let node = 0; node < tree.count;) {
            if (position < layout.left[node] || position >= layout.right[node]) {
                node = tree.end[node];
            } else if (tree.depth[node] === depth) {
                return this.#isDrawn(node, width) ? node : -1;
            } else {
                node++;
            }
        }
        return -1;
    }

    #isDrawn(node, width) {
        return this.#x(this.layout.right[node], width) - this.#x(this.layout.left[node], width) >= smallestBox;
    }

    // Scrolls so that a node's row is visible.
    reveal(node) {
        const top = this.#top(this.tree.depth[node]);
        const { scrollTop, clientHeight } = this.scroller;
        if (top < scrollTop) this.scroller.scrollTop = top - rowHeight;
        if (top + rowHeight > scrollTop + clientHeight) this.scroller.scrollTop = top + 2 * rowHeight - clientHeight;
        this.requestDraw();
    }

    setDirection(isFlame) {
        this.isFlame = isFlame;
        this.height = undefined;
        this.draw();
        this.scroller.scrollTop = isFlame ? this.height : 0;
        this.requestDraw();
    }

    // The longest form of the name that fits into room pixels.
    #fitText(node, room) {
        const full = visible(this.tree.name(node));
        if (this.#widthOf(full) <= room) return full;
        const short = visible(this.tree.shortName(node));
        const width = this.#widthOf(short);
        if (width <= room) return short;
        let length = Math.floor((short.length * room) / width) - 1;
        while (length > 1) {
            const text = `${short.slice(0, length).trimEnd()}…`;
            if (this.context.measureText(text).width <= room) return text;
            length--;
        }
        return "";
    }

    #widthOf(text) {
        let width = this.nameWidths.get(text);
        if (width === undefined) {
            // Of very long names only the start can be seen; the rest is guessed.
            const start = text.slice(0, 2000);
            width = (this.context.measureText(start).width * text.length) / Math.max(1, start.length);
            this.nameWidths.set(text, width);
        }
        return width;
    }
}
