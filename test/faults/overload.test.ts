import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LOAD_DEFAULTS, readPopulation, startSystem } from "@muster/cli";
import { type BatchResult, matchSize, type Ticket } from "@muster/core";
import { systemClock } from "@muster/core/service";
import { createKeys, openStore } from "@muster/store";
import { startTestRedis } from "@muster/store/testing";
import { Queue } from "bullmq";
import { expect, it } from "vitest";
import { inconsistenciesOf } from "../support/system.ts";
import { startRedisProxy } from "./redis-proxy.ts";

/** Each transaction takes so long: with 4 at a time, some 25 duels in each: that bounds what can be matched, on any machine. */
const EXEC_MS = 400;
/** Offered in each round: some three times that. */
const BATCH = 30;
const EVERY_MS = 40;
const ROUNDS = 120;
/** Of searches and of commits: what may be handed out, with what several hand out at once. */
const JOBS_MOST = 24;
const DUEL = {
  ...{ teams: { count: 2, size: 1 }, maxPartySize: 1, steps: [{ fromTry: 0 }], retryEveryMs: 300 },
  ...{ expireAfterMs: 20_000, matchLengthMs: 60_000, maxWaiting: 400 },
};

/** What became of what was asked for, by ticket's id in the order in which they were let in, and all refusals. */
interface Offered {
  accepted: string[];
  refusals: { status: number; code: string | undefined; retryAfterS: number }[];
}

it("three times what can be matched is offered: who is let in is served in order, others are told when to come again", {
  timeout: 180_000,
}, async () => {
  await using held = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "muster-overload-"));
  held.defer(() => rm(folder, { recursive: true, force: true }));
  const queues = join(folder, "queues.json");
  await writeFile(queues, JSON.stringify({ queues: { duel: DUEL } }));
  const redis = held.adopt(await startTestRedis(), (server) => server.stop());
  const proxy = held.adopt(await startRedisProxy(redis.port), (started) => started.close());
  const system = held.adopt(
    await startSystem({ redisUrl: proxy.url, queues, movers: 1, matchmakers: 1, playservers: 1 }),
    (started) => started.stop(),
  );
  const people = await readPopulation(LOAD_DEFAULTS.population);
  const prefix = createKeys("main").jobsPrefix;
  const jobs = ["search", "commit"].map((name) =>
    held.adopt(new Queue(name, { prefix, connection: { url: redis.url }, skipVersionCheck: true }), (queue) =>
      queue.close(),
    ),
  );
  const store = held.adopt(
    await openStore({ url: redis.url, partition: "main", name: "referee", clock: systemClock }),
    (opened) => opened.close(),
  );

  const { stop: letCommit } = proxy.delayExec((name) => name.endsWith("-commit"), EXEC_MS);
  const offered: Offered = { accepted: [], refusals: [] };
  const counts: number[] = [];
  const calls: Promise<void>[] = [];
  let next = 0;
  const draw = () => {
    const person = people[next % people.length];
    if (!person) throw new Error("nobody lives there");
    next += 1;
    return { players: [{ ...person, id: `player-${next}` }] };
  };
  for (let round = 0; round < ROUNDS; round++) {
    calls.push(offerBatch(system.url, Array.from({ length: BATCH }, draw), offered));
    calls.push(offerOne(system.url, draw(), offered));
    const found = await Promise.all(jobs.map((queue) => queue.getJobCounts()));
    counts.push(...found.map((each) => Object.values(each).reduce((sum, count) => sum + count, 0)));
    await sleep(EVERY_MS);
  }
  await Promise.all(calls);
  letCommit();

  console.log(`${next} offered, ${offered.accepted.length} let in, at most ${Math.max(...counts)} jobs of one kind`);
  expect(offered.accepted.length).toBeGreaterThan(DUEL.maxWaiting);
  expect(offered.refusals.length).toBeGreaterThan(offered.accepted.length);
  for (const refusal of offered.refusals) expect(refusal).toMatchObject({ status: 429, code: "OVERLOADED" });
  for (const { retryAfterS } of offered.refusals) expect(retryAfterS).toBeGreaterThan(0);
  expect(Math.max(...counts)).toBeLessThanOrEqual(JOBS_MOST);

  const read = async () => {
    const found = await Promise.all(offered.accepted.map((id) => store.readTicket(id)));
    return found.filter((ticket) => ticket !== null);
  };
  await expect
    .poll(async () => (await read()).filter(({ endedAt }) => endedAt !== undefined).length, { timeout: 60_000 })
    .toBe(offered.accepted.length);
  const ended = await read();
  const served = ended.filter(({ status }) => status === "matched");
  expect(ended.filter(({ status }) => status !== "matched" && status !== "expired")).toEqual([]);
  expect(served.length).toBeGreaterThan(0.9 * ended.length);
  const overtaken = overtakenBy(served).sort((a, b) => a - b);
  const [median = Infinity, most = Infinity] = [0.5, 0.9].map(
    (share) => overtaken[Math.floor(share * overtaken.length)],
  );
  console.log(`${served.length} matched; overtaken by ${median} in the median, 90 % by at most ${most}`);
  // Within a search and among those whose search was lost there is no order; but nobody new goes before all who wait.
  expect(median).toBeLessThan(DUEL.maxWaiting / 4);
  expect(most).toBeLessThan(DUEL.maxWaiting);

  // And as before, once fewer come.
  const after: Offered = { accepted: [], refusals: [] };
  await expect
    .poll(async () => {
      await offerOne(system.url, draw(), after);
      return after.accepted.length;
    })
    .toBe(matchSize(DUEL));
  await expect.poll(async () => (await store.readTicket(after.accepted[0] ?? ""))?.status).toBe("matched");
  expect(await inconsistenciesOf(system)).toEqual([]);
});

/** For each ticket how many that were let in later were matched sooner. */
const overtakenBy = (tickets: readonly Ticket[]): number[] => {
  const byAge = tickets.toSorted((a, b) => a.createdAt - b.createdAt);
  return byAge.map(
    (ticket, index) => byAge.slice(index + 1).filter(({ endedAt = 0 }) => endedAt < (ticket.endedAt ?? 0)).length,
  );
};

const post = (url: string, body: unknown): Promise<Response> =>
  fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

const offerOne = async (url: string, request: unknown, offered: Offered): Promise<void> => {
  const response = await post(`${url}/v1/queues/duel/tickets`, request);
  const { id, code } = (await response.json()) as { id: string; code?: string };
  const { status, headers } = response;
  if (status === 201) offered.accepted.push(id);
  else offered.refusals.push({ status, code, retryAfterS: Number(headers.get("retry-after")) });
};

const offerBatch = async (url: string, tickets: readonly unknown[], offered: Offered): Promise<void> => {
  const response = await post(`${url}/v1/queues/duel/tickets/batch`, { tickets });
  const { results } = (await response.json()) as { results: BatchResult[] };
  for (const { status, ticket, error } of results) {
    if (ticket) offered.accepted.push(ticket.id);
    else offered.refusals.push({ status, code: error?.code, retryAfterS: error?.retryAfterS ?? 0 });
  }
};
