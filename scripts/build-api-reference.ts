import { writeFile } from "node:fs/promises";
import { startSystem } from "@muster/cli";
import { type ApiDocument, apiReference } from "./api-reference.ts";

/**
 * Writes docs/api.md from what a system of this checkout says of itself. Run it when a route or its schemas change.
 * Given the address of a system that runs, it prints the page instead: so the tests see whether it is as it should be.
 */
const readPage = async (url: string): Promise<string> =>
  apiReference((await (await fetch(`${url}/openapi.json`)).json()) as ApiDocument);

const [url] = process.argv.slice(2);
if (url !== undefined) {
  process.stdout.write(await readPage(url));
} else {
  const system = await startSystem();
  try {
    await writeFile(new URL("../docs/api.md", import.meta.url), await readPage(system.url));
  } finally {
    await system.stop();
  }
}
