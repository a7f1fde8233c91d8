// What the colours mean.

import { formatShare, visible } from "./format.js";

const chipCount = 10;

// The modules that most was measured in, as buttons; use(button, module) is called when one is pressed.
export function moduleChips(tree, measures, palette, use) {
    const weights = new Map();
    for (let node = 1; node < tree.count; node++) {
        const module = tree.module(node);
        const weight = measures.own[node];
        if (module !== "" && weight > 0) weights.set(module, (weights.get(module) ?? 0) + weight);
    }
    const heaviest = [...weights].sort((a, b) => b[1] - a[1]).slice(0, chipCount);
    return heaviest.map(([module, weight]) => {
        const chip = document.createElement("button");
        const name = document.createElement("span");
        const share = document.createElement("small");
        chip.type = "button";
        chip.ariaPressed = "false";
        chip.title = `Highlight ${visible(module)}`;
        name.textContent = visible(module);
        share.textContent = formatShare(weight, measures.size[0]);
        chip.append(swatch(palette.module(module)), name, share);
        chip.addEventListener("click", () => use(chip, module));
        return chip;
    });
}

// The colours from what is gone to what is new.
export function changeScale(measures, palette) {
    const [less, more] = measures.hasBase ? ["gone", "new"] : ["negative", "positive"];
    const scale = document.createElement("span");
    scale.className = "scale";
    const colors = [-1, -0.5, -0.15, 0, 0.15, 0.5, 1].map((change) => palette.change(change));
    scale.append(less, ...colors.map(swatch), more);
    return scale;
}

function swatch(color) {
    const box = document.createElement("i");
    box.style.background = color;
    return box;
}
