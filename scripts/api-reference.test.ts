import { expect, it } from "vitest";
import { apiReference } from "./api-reference.ts";

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
