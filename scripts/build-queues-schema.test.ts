import { readFile } from "node:fs/promises";
import { QueuesFile } from "@muster/core";
import { readQueues } from "@muster/core/service";
import { expect, it } from "vitest";

const file = (name: string) => new URL(`../${name}`, import.meta.url);

it("queues.schema.json is what the code checks: if not, run npm run build:queues-schema", async () => {
  const { $schema: _, ...published } = JSON.parse(await readFile(file("queues.schema.json"), "utf8"));
  expect(published).toEqual(JSON.parse(JSON.stringify(QueuesFile)));
});

it("the queues that ship show what a queue can be", async () => {
  const queues = await readQueues(file("queues.json").pathname);
  expect([...queues.keys()]).toEqual(["duel", "team", "ranked", "trinity", "hunt", "lobby", "instant"]);
  // The README's commands and the benches count on these two.
  expect(queues.get("duel")).toMatchObject({ teams: { count: 2, size: 1 }, maxPartySize: 1 });
  expect(queues.get("team")).toMatchObject({ teams: { count: 2, size: 5 }, maxPartySize: 1 });
});
