import { readFile } from "node:fs/promises";
import { type RunningSystem, startSystem } from "@muster/cli";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ApiDocument, apiReference } from "./api-reference.ts";

let system: RunningSystem;
beforeAll(async () => {
  system = await startSystem({ single: true, logLevel: "silent" });
}, 60_000);
afterAll(() => system?.stop(), 30_000);

it("docs/api.md is what the API says of itself: if not, run npm run build:api", async () => {
  const document = (await (await fetch(`${system.url}/openapi.json`)).json()) as ApiDocument;
  const page = await readFile(new URL("../docs/api.md", import.meta.url), "utf8");
  expect(page).toBe(apiReference(document));
  for (const path of Object.keys(document.paths)) expect(page).toContain(path);
});

it("a shape is told once, and where it comes again by where that was", () => {
  const player = {
    type: "object",
    properties: Object.fromEntries(["id", "elo", "ping", "team"].map((name) => [name, { type: "string" }])),
    required: ["id"],
  };
  const json = (schema: object) => ({ content: { "application/json": { schema } } });
  const page = apiReference({
    paths: {
      "/v1/a": { get: { summary: "One", tags: ["players"], responses: { 200: json(player), 404: {} } } },
      "/v1/b": {
        get: {
          summary: "More",
          tags: ["players"],
          responses: { 200: json({ type: "object", properties: { all: { type: "array", items: player } } }) },
        },
      },
    },
  });
  expect(page.match(/^\| `id` \|/gm)).toHaveLength(1);
  expect(page).toContain("| `all` | list of object, optional | As the answer of [`GET /v1/a`](#get-v1a). |");
  expect(page).toContain("Errors: 404.");
});
