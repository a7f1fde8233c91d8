// The words about one box: for the panel at the pointer and the line at the foot of the page.

import { formatPoints, formatShare, formatValue, visible } from "./format.js";

// Pairs of a label and a text.
export function describe(tree, measures, node, root) {
    const rows = [];
    const value = (number) => formatValue(number, measures.unit);
    if (measures.hasBase) {
        const { before, after } = measures.shares(node);
        rows.push(["before", `${value(measures.baseTotal[node])} (${formatShare(before, 1)})`]);
        rows.push(["after", `${value(measures.total[node])} (${formatShare(after, 1)})`]);
        rows.push(["change", `${formatPoints(after - before)}${newOrGone(measures, node)}`]);
        if (tree.hiddenCount[node] === 0) {
            rows.push(["self", `${value(measures.baseOwn[node])} → ${value(measures.own[node])}`]);
        }
    } else {
        const whole = measures.size[0];
        let total = `${value(measures.total[node])} (${formatShare(measures.total[node], whole)}`;
        if (root !== 0) total += `, ${formatShare(measures.total[node], measures.size[root])} of zoom`;
        rows.push(["total", `${total})`]);
        if (tree.hiddenCount[node] === 0) {
            rows.push(["self", `${value(measures.own[node])} (${formatShare(measures.own[node], whole)})`]);
        }
    }
    const [file, module] = [tree.file(node), tree.module(node)];
    if (file !== "") rows.push(["file", visible(file)]);
    if (module !== "") rows.push(["module", visible(module)]);
    if (tree.isInlined[node]) rows.push(["call", "inlined"]);
    return rows;
}

function newOrGone(measures, node) {
    if (measures.baseTotal[node] === 0 && measures.total[node] !== 0) return ", new";
    if (measures.total[node] === 0 && measures.baseTotal[node] !== 0) return ", gone";
    return "";
}

// Fills element with the name and the rows; text only, so that no name can become markup.
export function fill(element, name, rows) {
    const title = document.createElement("strong");
    title.textContent = visible(name);
    const list = document.createElement("dl");
    for (const [label, text] of rows) {
        const pair = document.createElement("div");
        const term = document.createElement("dt");
        const definition = document.createElement("dd");
        term.textContent = label;
        definition.textContent = text;
        pair.append(term, definition);
        list.append(pair);
    }
    element.replaceChildren(title, list);
}
