import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Logger, type Running, silentLogger } from "@muster/core/service";
import { matchmaker } from "@muster/matchmaker";
import { mover } from "@muster/mover";
import { handOutSearches, sweeper } from "@muster/orchestrator";
import { type CommitJob, type JobProducer, openProducer, type SearchJob } from "@muster/store";
import { openTestStore, sampleQueue, type TestStore } from "@muster/store/testing";
import { afterEach, beforeEach, expect, it } from "vitest";

/** Tickets that only find each other: those of one lot. */
const LOT = 10;
const LOTS = 20;
const duel = sampleQueue({ steps: [{ fromTry: 0, eloSpread: 50 }] });

let test: TestStore;
let folder: string;
let searches: JobProducer<"search">;
let commits: JobProducer<"commit">;
let running: Running[];
let warnings: string[];
beforeEach(async () => {
  test = await openTestStore();
  folder = await mkdtemp(join(tmpdir(), "muster-two-versions-"));
  const producer = { url: test.redis.url, keys: test.store.keys, name: "next" };
  [searches, commits] = [openProducer("search", producer), openProducer("commit", producer)];
  [running, warnings] = [[], []];
});
afterEach(async () => {
  for (const service of running) await service.stop();
  await Promise.all([searches.close(), commits.close()]);
  await test.stop();
  await rm(folder, { recursive: true });
});

const startThisVersion = async () => {
  const { name: _, teamShapes: __, regions, ...definition } = duel;
  const file = join(folder, "queues.json");
  await writeFile(file, JSON.stringify({ regions, queues: { duel: definition } }));
  const log: Logger = Object.assign(Object.create(silentLogger), {
    warn: (_fields: object, text: string) => warnings.push(text),
  });
  const env = { REDIS_URL: test.redis.url, MUSTER_QUEUES: file, MUSTER_PORT: "0" };
  for (const service of [mover, matchmaker, sweeper]) {
    running.push(await service.start(service.readConfig(env) as never, log));
  }
};

/** Jobs that the next version might write: nothing of them is as this one knows it. */
const searchOfNext = (lot: readonly string[]) =>
  ({ v: 4, groups: [{ of: "duel", tickets: lot }] }) as unknown as SearchJob;
const commitOfNext = (lot: readonly string[]) => ({ v: 4, matches: [{ sides: lot }] }) as unknown as CommitJob;

it("work side by side: jobs of the next one are left to the sweeper, and nothing is lost", async () => {
  await startThisVersion();
  const lots = Array.from({ length: LOTS }, (_, lot) => Array.from({ length: LOT }, (_, n) => `t_${lot}-${n}`));
  for (const [n, lot] of lots.entries()) {
    const elo = 200 * n;
    const tickets = lot.map((id) => ({ id, request: { players: [{ id: `p-${id}`, elo }] } }));
    const outcomes = await test.store.enqueueTickets(duel, tickets);
    const now = test.store.clock.now();
    const times = { since: now, packedAt: now };
    if (n % 2 === 0) {
      await searches.add(searchOfNext(lot));
      await commits.add(commitOfNext(lot));
    } else {
      const queued = outcomes.flatMap((outcome) => (outcome.outcome === "queued" ? [{ ...outcome, ...times }] : []));
      await handOutSearches({ store: test.store, searches }, duel, queued);
    }
  }
  const statuses = async () => {
    const tickets = await Promise.all(lots.flat().map((id) => test.store.readTicket(id)));
    return [...new Set(tickets.map((ticket) => ticket?.status))];
  };
  await expect.poll(statuses, { timeout: 40_000, interval: 200 }).toEqual(["matched"]);
  expect(await test.inconsistencies()).toEqual([]);
  const left = (what: string) =>
    warnings.filter((text) => text.startsWith(what) && text.endsWith("left to the sweeper"));
  expect([left("a search").length, left("proposals").length]).toEqual([LOTS / 2, LOTS / 2]);
  // Nor does anybody try them again and again.
  for (const kind of ["search", "commit"]) {
    const jobs = `${test.store.keys.jobsPrefix}:${kind}`;
    const kept = [test.raw.zcard(`${jobs}:failed`), test.raw.llen(`${jobs}:wait`), test.raw.zcard(`${jobs}:delayed`)];
    expect(await Promise.all(kept)).toEqual([0, 0, 0]);
  }
}, 90_000);
