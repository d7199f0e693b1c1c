import { writeFile } from "node:fs/promises";
import { startSystem } from "@muster/cli";
import { type ApiDocument, apiReference } from "./api-reference.ts";

/** Writes docs/api.md from what a system of this checkout says of itself. Run it when a route or its schemas change. */
const system = await startSystem({ single: true, logLevel: "silent" });
try {
  const document = (await (await fetch(`${system.url}/openapi.json`)).json()) as ApiDocument;
  await writeFile(new URL("../docs/api.md", import.meta.url), apiReference(document));
} finally {
  await system.stop();
}
