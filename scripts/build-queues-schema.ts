import { writeFile } from "node:fs/promises";
import { QueuesFile } from "@muster/core";

/** Writes queues.schema.json, which editors use to check and complete a queues file. Run it when QueuesFile changes. */
const schema = { $schema: "https://json-schema.org/draft/2020-12/schema", ...QueuesFile };

await writeFile(new URL("../queues.schema.json", import.meta.url), `${JSON.stringify(schema, null, 2)}\n`);
