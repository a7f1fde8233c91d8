// The page: its controls, keys and links around the view.

import { Palette } from "./colors.js";
import { describe, fill } from "./details.js";
import { formatShare, formatValue, visible } from "./format.js";
import { neighbour } from "./keyboard.js";
import { Layout } from "./layout.js";
import { changeScale, moduleChips } from "./legend.js";
import { linkText, readLink } from "./links.js";
import { Measures } from "./measures.js";
import { Search } from "./search.js";
import { CallTree } from "./tree.js";
import { FlameView } from "./view.js";

export class FlamePage {
    constructor(data, document) {
        this.data = data;
        this.document = document;
        this.tree = new CallTree(data);
        this.view = new FlameView(this.element("graph"), this.element("canvas"), this.element("extent"), this.tree);
        this.search = new Search("", this.tree);
        this.state = this.initialState();
        this.view.isMatch = (node) => this.search.has(this.tree, node);
        this.view.colorOf = (node) => this.#color(node);
        this.#readLink();
        this.#fillPage();
        this.#listen();
        this.applyTheme();
        this.apply();
    }

    initialState() {
        return { zoom: 0, search: "", type: this.data.selected, order: "weight", direction: "icicle", width: "both",
            isNormalized: this.data.isNormalized };
    }

    element(id) {
        return this.document.getElementById(id);
    }

    // MARK: What is shown

    // Makes everything follow the state.
    apply() {
        const { state, view } = this;
        this.measures = new Measures(this.data, this.tree, state);
        view.root = state.zoom;
        view.setLayout(new Layout(this.tree, this.measures.size, state.order));
        view.setDirection(state.direction === "flame");
        this.setSearch(state.search);
        this.#showControls();
        this.#showLegend();
        this.#showSummary();
        this.#showDetails();
    }

    applyTheme() {
        this.view.palette = new Palette(matchMedia("(prefers-color-scheme: dark)").matches);
        if (this.measures) this.#showLegend();
        this.view.requestDraw();
    }

    #color(node) {
        const { palette } = this.view;
        if (this.measures.showsChange) return palette.change(this.measures.change(node));
        return node === 0 ? palette.theme.root : palette.box(this.tree.module(node), this.tree.name(node));
    }

    // Shows node as wide as the page; node 0 shows everything.
    zoom(node) {
        this.state.zoom = node;
        this.view.zoom(node);
        this.view.reveal(node);
        this.#showMatches();
        this.#showControls();
        this.#showDetails();
        this.#writeLink(true);
    }

    focus(node) {
        this.view.focus = node;
        if (node >= 0) this.view.reveal(node);
        this.#showDetails();
    }

    setSearch(text) {
        this.state.search = text;
        this.#use(new Search(text, this.tree));
        if (this.element("query").value !== text) this.element("query").value = text;
        this.#writeLink(false);
    }

    #use(search) {
        this.search = search;
        this.view.isSearching = search.isActive;
        for (const chip of this.element("legend").querySelectorAll("button")) chip.ariaPressed = "false";
        this.#showMatches();
        this.view.requestDraw();
    }

    // What the search accounts for: of everything, and of what is zoomed to.
    #showMatches() {
        const output = this.element("matches");
        if (!this.search.isActive) {
            output.textContent = "";
            return;
        }
        const { size, unit } = this.measures;
        const { zoom } = this.state;
        const sum = (root) => this.search.outermost(this.tree, root).reduce((total, node) => total + size[node], 0);
        const all = sum(0);
        let text = all > 0 ? `${formatValue(all, unit)}, ${formatShare(all, size[0])}` : "no match";
        if (zoom !== 0 && all > 0) text += ` (${formatShare(sum(zoom), size[zoom])} of zoom)`;
        output.textContent = this.search.isPlain ? `${text} as plain text` : text;
    }

    // The next box that matches, going right and down from the focus.
    focusMatch(isBackwards) {
        const matches = [];
        for (let node = this.state.zoom; node < this.tree.end[this.state.zoom]; node++) {
            if (this.search.has(this.tree, node)) matches.push(node);
        }
        if (matches.length === 0) return;
        const position = matches.indexOf(this.view.focus);
        const next = isBackwards ? position - 1 : position + 1;
        this.focus(matches.at(next < 0 ? -1 : next % matches.length));
    }

    // MARK: The parts around the graph

    #fillPage() {
        const { data } = this;
        this.element("title").textContent = visible(data.title);
        const type = this.element("type");
        data.types.forEach((each, position) => {
            const option = this.document.createElement("option");
            option.value = String(position);
            option.textContent = visible(each.type);
            type.append(option);
        });
        this.element("type-field").hidden = data.types.length < 2;
        this.element("diff-fields").hidden = !data.hasBase;
    }

    #showSummary() {
        const { data, measures, state } = this;
        const value = (number) => formatValue(number, measures.unit);
        const total = measures.hasBase
            ? `${value(measures.baseTotal[0])} → ${value(measures.total[0])}` : value(measures.total[0]);
        const parts = [`${visible(data.types[state.type].type)}: ${total}`, ...data.header.map(visible)];
        this.element("summary").textContent = parts.join("  ·  ");
    }

    #showControls() {
        const { state } = this;
        this.element("type").value = String(state.type);
        this.element("width").value = state.width;
        this.element("normalize").checked = state.isNormalized;
        this.element("reset").disabled = state.zoom === 0;
        for (const name of ["order", "direction"]) {
            for (const input of this.document.querySelectorAll(`input[name=${name}]`)) {
                input.checked = input.value === state[name];
            }
        }
    }

    #showLegend() {
        const { measures, tree, view } = this;
        const items = measures.showsChange
            ? [changeScale(measures, view.palette)]
            : moduleChips(tree, measures, view.palette, (chip, module) => this.#highlight(chip, module));
        this.element("legend").replaceChildren(...items);
    }

    // Highlights a module, or ends that.
    #highlight(chip, module) {
        const isPressed = chip.ariaPressed === "true";
        this.setSearch("");
        if (isPressed) return;
        this.#use(Search.module(module, this.tree));
        chip.ariaPressed = "true";
    }

    #showDetails() {
        const { view, tree } = this;
        const node = view.hover >= 0 ? view.hover : view.focus >= 0 ? view.focus : this.state.zoom;
        fill(this.element("details"), tree.name(node), describe(tree, this.measures, node, this.state.zoom));
    }

    #showTooltip(event) {
        const tooltip = this.element("tooltip");
        const node = this.view.hover;
        tooltip.hidden = node < 0;
        if (node < 0) return;
        fill(tooltip, this.tree.name(node), describe(this.tree, this.measures, node, this.state.zoom));
        const { innerWidth, innerHeight } = globalThis;
        const { offsetWidth, offsetHeight } = tooltip;
        const below = event.clientY + 18 + offsetHeight < innerHeight;
        tooltip.style.left = `${Math.max(4, Math.min(event.clientX + 12, innerWidth - offsetWidth - 8))}px`;
        tooltip.style.top = `${Math.max(4, below ? event.clientY + 18 : event.clientY - offsetHeight - 10)}px`;
    }

    // MARK: Events

    #listen() {
        const graph = this.element("graph");
        graph.addEventListener("pointermove", (event) => this.#point(event));
        graph.addEventListener("pointerleave", (event) => this.#point(event));
        graph.addEventListener("click", (event) => this.#click(event));
        this.element("query").addEventListener("input", (event) => this.setSearch(event.target.value));
        this.element("search").addEventListener("submit", (event) => {
            event.preventDefault();
            this.focusMatch(false);
            graph.focus();
        });
        this.element("type").addEventListener("change", (event) => this.set("type", Number(event.target.value)));
        this.element("width").addEventListener("change", (event) => this.set("width", event.target.value));
        this.element("normalize").addEventListener("change", (event) => this.set("isNormalized", event.target.checked));
        for (const name of ["order", "direction"]) {
            for (const input of this.document.querySelectorAll(`input[name=${name}]`)) {
                input.addEventListener("change", () => this.set(name, input.value));
            }
        }
        this.element("reset").addEventListener("click", () => this.zoom(0));
        this.element("help-button").addEventListener("click", () => this.element("help").showModal());
        this.document.addEventListener("keydown", (event) => this.#key(event));
        matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.applyTheme());
        globalThis.addEventListener("hashchange", () => {
            if (globalThis.location.hash.slice(1) === this.#linkText()) return;
            this.#readLink();
            this.apply();
        });
    }

    set(name, value) {
        if (this.state[name] === value) return;
        this.state[name] = value;
        this.apply();
    }

    #point(event) {
        const node = event.type === "pointerleave" ? -1 : this.view.nodeAt(event.clientX, event.clientY);
        if (node !== this.view.hover) {
            this.view.hover = node;
            this.view.requestDraw();
            this.#showDetails();
        }
        this.#showTooltip(event);
    }

    #click(event) {
        const node = this.view.nodeAt(event.clientX, event.clientY);
        if (node < 0) return;
        this.view.focus = node;
        this.zoom(this.tree.hiddenCount[node] > 0 ? this.tree.parent[node] : node);
    }

    #key(event) {
        if (event.ctrlKey || event.altKey || event.metaKey || this.element("help").open) return;
        if (event.target === this.element("query")) {
            if (event.key !== "Escape") return;
            event.preventDefault();
            this.setSearch("");
            this.element("graph").focus();
            return;
        }
        if (event.target instanceof HTMLSelectElement) return;
        const isButton = event.target instanceof HTMLButtonElement || event.target instanceof HTMLInputElement;
        const isArrow = event.key.startsWith("Arrow");
        if (isButton && (event.key === "Enter" || event.key === " " || isArrow)) return;
        if (this.#act(event.key)) event.preventDefault();
    }

    // Whether the key means something.
    #act(key) {
        const { view, state } = this;
        const isFlame = state.direction === "flame";
        switch (key) {
        case "ArrowUp": this.#move(isFlame ? "callee" : "caller"); return true;
        case "ArrowDown": this.#move(isFlame ? "caller" : "callee"); return true;
        case "ArrowLeft": this.#move("left"); return true;
        case "ArrowRight": this.#move("right"); return true;
        case "Enter":
            if (view.focus >= 0) this.zoom(view.focus);
            return true;
        case "Backspace":
            if (state.zoom > 0) this.zoom(this.tree.parent[state.zoom]);
            return true;
        case "Escape":
            if (this.search.isActive) this.setSearch("");
            else this.zoom(0);
            return true;
        case "/":
            this.element("query").focus();
            this.element("query").select();
            return true;
        case "n": this.focusMatch(false); return true;
        case "N": this.focusMatch(true); return true;
        case "i": this.set("direction", isFlame ? "icicle" : "flame"); return true;
        case "o": this.set("order", state.order === "weight" ? "name" : "weight"); return true;
        case "0": this.zoom(0); return true;
        case "?": this.element("help").showModal(); return true;
        default: return false;
        }
    }

    #move(direction) {
        const { view, tree, state } = this;
        if (view.focus < 0 || view.boxOf(view.focus) === null) {
            this.focus(state.zoom);
            return;
        }
        // Callers of what is zoomed to can be reached; nothing beside it can.
        const root = tree.isWithin(view.focus, state.zoom) ? state.zoom : view.focus;
        this.focus(neighbour(tree, view.layout, view.focus, root, direction));
    }

    // MARK: Links

    #linkText() {
        return linkText(this.state, this.initialState(), this.tree, this.data);
    }

    #readLink() {
        this.state = readLink(globalThis.location.hash.slice(1), this.initialState(), this.tree, this.data);
    }

    // Zooming can be undone by going back; typing a search does not fill the history.
    #writeLink(isStep) {
        const text = this.#linkText();
        if (globalThis.location.hash.slice(1) === text) return;
        const address = `${globalThis.location.pathname}${globalThis.location.search}${text === "" ? "" : "#"}${text}`;
        if (isStep) globalThis.history.pushState(null, "", address);
        else globalThis.history.replaceState(null, "", address);
    }
}
