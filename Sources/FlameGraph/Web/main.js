// Starts the page over the data that it carries; flamePage is for the console and for tests.

import { FlamePage } from "./page.js";

globalThis.flamePage = new FlamePage(JSON.parse(document.getElementById("data").textContent), document);
