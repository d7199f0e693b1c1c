import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { shippedFile } from "../up/roles.ts";
import { checkQueues } from "./check.ts";

let folder: string;
let out: string[];
let err: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "muster-queues-"));
  out = [];
  err = [];
});
afterEach(() => rm(folder, { recursive: true }));

const check = (file: string) => checkQueues(file, { out: (line) => out.push(line), err: (line) => err.push(line) });

it("says OK for each queue that Muster ships", async () => {
  expect(await check(fileURLToPath(shippedFile("queues.json")))).toBe(0);
  expect(out).toContainEqual(expect.stringMatching(/^OK {2}duel {2}1v1, 2 players/));
  expect(out).toContainEqual(expect.stringMatching(/^OK {2}team {2}5v5, 10 players/));
});

it("names every fault with file and path, and ends with 78", async () => {
  const file = join(folder, "queues.json");
  const step = { fromTry: 1, eloSpread: -1 };
  await writeFile(file, JSON.stringify({ queues: { duel: { teams: { count: 0, size: 1 }, steps: [step] } } }));
  expect(await check(file)).toBe(78);
  expect(err.length).toBeGreaterThan(1);
  expect(err).toContainEqual(expect.stringContaining(`${file}: /queues/duel/teams/count`));
  expect(out).toEqual([]);
});

it("says so when there is no such file", async () => {
  expect(await check(join(folder, "none.json"))).toBe(78);
  expect(err).toEqual([expect.stringContaining("no such file")]);
});

it("warns of what is valid and still makes no sense", async () => {
  const file = join(folder, "queues.json");
  const queue = {
    ...{ teams: { count: 2, size: 1 }, maxPartySize: 1, retryEveryMs: 1_000, expireAfterMs: 5_000 },
    ...{
      matchLengthMs: 60_000,
      maxWaiting: 100,
      steps: [
        { fromTry: 0, eloSpread: 50 },
        { fromTry: 90, eloSpread: 60 },
      ],
    },
  };
  await writeFile(file, JSON.stringify({ queues: { duel: queue } }));
  expect(await check(file)).toBe(0);
  expect(out[1]).toMatch(/warning {2}\/queues\/duel\/steps\/1\/fromTry: try 90 is never reached/);
});
