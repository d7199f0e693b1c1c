/** Writes dashboard.json from its list of panels. */
import { writeFile } from "node:fs/promises";
import { buildDashboard } from "./dashboard.ts";

const FILE = new URL("./dashboard.json", import.meta.url);

await writeFile(FILE, `${JSON.stringify(buildDashboard(), null, 2)}\n`);
