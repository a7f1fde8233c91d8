// Numbers and names as they are shown.

const time = { nanoseconds: 1, ns: 1, microseconds: 1e3, us: 1e3, milliseconds: 1e6, ms: 1e6, seconds: 1e9, s: 1e9 };
const memory = { bytes: 1, byte: 1, b: 1, kilobytes: 1024, kb: 1024, megabytes: 1 << 20, mb: 1 << 20 };

const timeSteps = [[3600e9, "h"], [60e9, "min"], [1e9, "s"], [1e6, "ms"], [1e3, "µs"], [1, "ns"]];
const memorySteps = [[2 ** 50, "PB"], [2 ** 40, "TB"], [2 ** 30, "GB"], [2 ** 20, "MB"], [1024, "kB"], [1, "B"]];

export function formatValue(value, unit) {
    const key = unit.toLowerCase();
    if (key in time) return scaled(value * time[key], timeSteps);
    if (key in memory) return scaled(value * memory[key], memorySteps);
    const digits = grouped(value);
    return unit === "" || key === "count" ? digits : `${digits} ${visible(unit)}`;
}

function scaled(value, steps) {
    const magnitude = Math.abs(value);
    if (magnitude === 0) return "0";
    // Minutes and hours are for spans that nobody reads in seconds any more.
    const step = steps.find(([size, name]) => magnitude >= size * (name === "min" || name === "h" ? 10 : 1));
    const [size, name] = step ?? steps.at(-1);
    return `${significant(value / size)} ${name}`;
}

function significant(value) {
    const magnitude = Math.abs(value);
    return grouped(value, magnitude >= 100 ? 0 : magnitude >= 10 ? 1 : 2);
}

function grouped(value, decimals = 0) {
    const [whole, fraction] = value.toFixed(Number.isInteger(value) ? 0 : decimals).split(".");
    const digits = whole.replace(/\B(?=(\d{3})+$)/g, " ");
    return fraction === undefined ? digits : `${digits}.${fraction}`;
}

export function formatShare(part, whole) {
    if (!(Math.abs(whole) > 0)) return "0 %";
    const percent = (100 * part) / whole;
    const magnitude = Math.abs(percent);
    if (magnitude === 0) return "0 %";
    if (magnitude >= 99.995) return `${percent.toFixed(0)} %`;
    if (magnitude >= 10) return `${percent.toFixed(1)} %`;
    return `${percent.toFixed(magnitude >= 0.01 ? 2 : 4)} %`;
}

// With a sign, in percentage points.
export function formatPoints(difference) {
    const points = 100 * difference;
    const text = Math.abs(points) >= 10 ? points.toFixed(1) : points.toFixed(2);
    return `${points > 0 ? "+" : ""}${text.replace("-", "−")} pp`;
}

// Control characters and marks of direction (Unicode UAX #9) would change how the text around them reads.
export function visible(text) {
    return text.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
        (character) => `\\u{${character.codePointAt(0).toString(16)}}`);
}
