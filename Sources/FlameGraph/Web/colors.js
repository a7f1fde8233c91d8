// Colours in OKLCH, where equal numbers look equally bright, so that text reads the same on each.

import { hashText } from "./tree.js";

const themes = {
    light: { lightness: 0.86, chroma: 0.075, text: "#16181d", grey: "oklch(0.91 0 0)", match: "oklch(0.72 0.22 328)",
        outline: "#16181d", hidden: "oklch(0.95 0 0)", hiddenText: "#666b76", edge: "rgb(0 0 0 / 22%)",
        root: "oklch(0.89 0.012 260)" },
    dark: { lightness: 0.45, chroma: 0.075, text: "#f1f2f5", grey: "oklch(0.40 0 0)", match: "oklch(0.56 0.24 328)",
        outline: "#ffffff", hidden: "oklch(0.30 0 0)", hiddenText: "#a4a9b5", edge: "rgb(255 255 255 / 28%)",
        root: "oklch(0.36 0.012 260)" },
};

export class Palette {
    constructor(isDark) {
        this.theme = isDark ? themes.dark : themes.light;
        this.boxes = new Map();
    }

    // A module has the same hue on every page; its functions differ a little in brightness.
    box(module, name) {
        const shade = hashText(name) % 5;
        const key = `${shade}${module}`;
        let color = this.boxes.get(key);
        if (color === undefined) {
            color = this.#moduleColor(module, (shade - 2) * 0.012);
            this.boxes.set(key, color);
        }
        return color;
    }

    // The colour of a module in the legend.
    module(name) {
        return this.#moduleColor(name, 0);
    }

    #moduleColor(name, shade) {
        const { chroma } = this.theme;
        const lightness = (this.theme.lightness + shade).toFixed(3);
        if (name === "" || name === "<unknown>") return this.theme.grey;
        if (name === "kernel") return `oklch(${lightness} ${chroma * 1.2} 62)`;
        const hash = Math.imul(hashText(name), 0x9e3779b1) >>> 0;
        return `oklch(${lightness} ${chroma} ${((hash >>> 8) % 720) / 2})`;
    }

    // change: −1 for what is gone, 0 for what stayed, 1 for what is new. Small changes are lifted, because most are.
    change(change) {
        const strength = Math.min(1, Math.abs(change)) ** 0.6;
        if (!(strength > 0.02)) return this.theme.grey;
        const lightness = this.theme.lightness + (this.theme === themes.light ? 0.07 : -0.04) * (0.5 - strength);
        return `oklch(${lightness.toFixed(3)} ${(0.19 * strength).toFixed(3)} ${change > 0 ? 27 : 255})`;
    }
}
