// What a page shows, as the part of its address behind #.

// What differs from the page as it opens.
export function linkText(state, start, tree, data) {
    const link = new URLSearchParams();
    if (state.zoom !== 0) link.set("zoom", tree.paths[state.zoom].toString(36));
    if (state.search !== "") link.set("search", state.search);
    if (state.type !== start.type) link.set("type", data.types[state.type].type);
    for (const name of ["order", "direction", "width"]) {
        if (state[name] !== start[name]) link.set(name, state[name]);
    }
    if (state.isNormalized !== start.isNormalized) link.set("normalized", state.isNormalized ? "1" : "0");
    return link.toString();
}

// The state that a link describes; what it does not name, or names wrongly, stays as in start.
export function readLink(text, start, tree, data) {
    const link = new URLSearchParams(text);
    const state = { ...start };
    const choose = (name, values) => {
        if (values.includes(link.get(name))) state[name] = link.get(name);
    };
    choose("order", ["weight", "name"]);
    choose("direction", ["icicle", "flame"]);
    choose("width", ["both", "after", "before"]);
    if (link.has("normalized")) state.isNormalized = link.get("normalized") === "1";
    const type = data.types.findIndex((each) => each.type === link.get("type"));
    if (type >= 0) state.type = type;
    if (link.has("zoom")) state.zoom = tree.nodeOfPath(parseInt(link.get("zoom"), 36));
    state.search = link.get("search") ?? "";
    return state;
}
