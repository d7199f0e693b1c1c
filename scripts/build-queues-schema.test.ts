import { readFile } from "node:fs/promises";
import { QueuesFile } from "@muster/core";
import { readQueues } from "@muster/core/service";
import { expect, it } from "vitest";

const file = (name: string) => new URL(`../${name}`, import.meta.url);

it("queues.schema.json is what the code checks: if not, run npm run build:queues-schema", async () => {
  const { $schema: _, ...published } = JSON.parse(await readFile(file("queues.schema.json"), "utf8"));
  expect(published).toEqual(JSON.parse(JSON.stringify(QueuesFile)));
});

it("the queues that ship are duel and team, 1v1 and 5v5 of solo players", async () => {
  const queues = await readQueues(file("queues.json").pathname);
  expect([...queues.values()].map(({ name, teams, maxPartySize }) => [name, teams, maxPartySize])).toEqual([
    ["duel", { count: 2, size: 1 }, 1],
    ["team", { count: 2, size: 5 }, 1],
  ]);
});
