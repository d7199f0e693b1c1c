import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readQueues, systemClock } from "@muster/core/service";
import { openStore, type Store } from "@muster/store";
import { askRedis, findInconsistencies, startTestCluster, type TestCluster, until } from "@muster/store/testing";
import type { Bench, BenchContext, Figures } from "../bench.ts";
import { DURABLE } from "../pipeline/pipeline.ts";
import { type Call, longestGapMs, startCallers } from "../slot-move/callers.ts";
import { startBenchSystem } from "../system.ts";

/** Each with a record and a player's state: two keys. */
const WAITING = 50_000;
const PER_CALL = 500;
const KEYS_AT_ONCE = [1_000, 50];
const EVERY_MS = 20;
const BEFORE_MS = 3_000;
const AFTER_MS = 8_000;
const LIMIT_MS = 120_000;
/** More than a ticket that was not searched for yet has until it is due. */
const SOON_MS = 3_000;

const duel = {
  ...{ teams: { count: 2, size: 1 }, maxPartySize: 1, retryEveryMs: 1_000, expireAfterMs: 600_000 },
  ...{ matchLengthMs: 600_000, maxWaiting: 1_000_000, steps: [{ fromTry: 0 }] },
};
/** In which nobody ever suits anybody, looked at as seldom as may be. */
const crowd = { ...duel, retryEveryMs: 60_000, expireAfterMs: 3_600_000, steps: [{ fromTry: 0, eloSpread: 0 }] };

export const slotMove: Bench = {
  name: "slot-move",
  about: "what callers see while a partition of 100,000 keys moves to another master of a cluster, under a light load",
  seed: 29_000,
  async run(context) {
    await using held = new AsyncDisposableStack();
    const cluster = held.adopt(await startTestCluster({ args: DURABLE }), (started) => started.stop());
    const queues = await writeQueues(held);
    const system = held.use(await startBenchSystem(context, queues, { redisUrl: cluster.url }));
    const store = held.adopt(
      await openStore({ url: cluster.url, partition: "main", name: "bench", clock: systemClock }),
      (opened) => opened.close(),
    );
    await fill(context, store, queues);
    const keys = await askRedis((await cluster.ownerOf("main")).url, (redis) => redis.dbsize());

    const moves: Record<string, Move> = {};
    const calls: Call[] = [];
    for (const keysAtOnce of KEYS_AT_ONCE) {
      context.say(`moving ${keys.toLocaleString("en-US")} keys, ${keysAtOnce} at a time`);
      const seen = await move(context, cluster, system.url, keysAtOnce);
      moves[`by${keysAtOnce}`] = seen.move;
      calls.push(...seen.calls);
    }
    const unmatched = await untilMatched(store, calls);
    const owner = await cluster.ownerOf("main");
    const inconsistencies = await askRedis(owner.url, (redis) => findInconsistencies(redis, store.keys));
    return {
      figures: {
        ...{ keys, calls: calls.length, ...moves },
        otherAnswers: calls.filter(({ status }) => status !== 201 && status !== 503).length,
        ...{ unmatched, inconsistencies: inconsistencies.length },
      },
      rows: [
        { figure: "keys", label: "keys in the partition" },
        ...KEYS_AT_ONCE.flatMap((count) => [
          { figure: `by${count}.moveMs`, label: `${count} keys at a time: the move takes`, unit: "ms" },
          { figure: `by${count}.sent`, label: "  enqueues sent meanwhile" },
          { figure: `by${count}.accepted`, label: "  of them accepted" },
          { figure: `by${count}.slowestRefusalMs`, label: "  the slowest 503", unit: "ms" },
          { figure: `by${count}.longestGapMs`, label: "  longest time in which none was accepted", unit: "ms" },
          { figure: `by${count}.acceptedAgainMs`, label: "  accepted again, after the move's end", unit: "ms" },
        ]),
        { figure: "otherAnswers", label: "answered otherwise than 201 or 503, or not" },
        { figure: "unmatched", label: "accepted and never matched" },
        { figure: "inconsistencies", label: "inconsistencies" },
      ],
      goals: ["otherAnswers", "unmatched", "inconsistencies"].map((figure) => ({
        ...{ figure, exactly: 0, isInvariant: true },
      })),
      notes: [`${1_000 / EVERY_MS} enqueues a second through nginx, each once.`, ...system.notes()],
    };
  },
};

interface Move extends Figures {
  moveMs: number;
  sent: number;
  accepted: number;
  slowestRefusalMs: number;
  longestGapMs: number;
  acceptedAgainMs: number;
}

/** Moves the partition to another master while callers call. */
const move = async (
  { signal }: BenchContext,
  cluster: TestCluster,
  url: string,
  keysAtOnce: number,
): Promise<{ move: Move; calls: readonly Call[] }> => {
  const callers = startCallers(url, { queue: "duel", everyMs: EVERY_MS, name: `by${keysAtOnce}` });
  try {
    await sleep(BEFORE_MS, undefined, { signal });
    const beganAt = performance.now();
    await cluster.moveSlot("main", keysAtOnce);
    const endedAt = performance.now();
    await sleep(AFTER_MS, undefined, { signal });
    await callers.stop();
    const { calls } = callers;
    const during = calls.filter(({ sentAt }) => sentAt >= beganAt && sentAt < endedAt);
    const refused = calls.filter(({ status }) => status === 503);
    const after = calls.filter(({ sentAt, status }) => sentAt >= endedAt && status === 201);
    return {
      calls,
      move: {
        ...{ moveMs: endedAt - beganAt, sent: during.length },
        accepted: during.filter(({ status }) => status === 201).length,
        slowestRefusalMs: Math.max(0, ...refused.map(({ sentAt, answeredAt }) => answeredAt - sentAt)),
        longestGapMs: longestGapMs(calls),
        acceptedAgainMs: Math.min(...after.map(({ sentAt }) => sentAt - endedAt)),
      },
    };
  } finally {
    await callers.stop();
  }
};

const writeQueues = async (held: AsyncDisposableStack): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), "muster-queues-"));
  held.defer(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "queues.json");
  await writeFile(file, JSON.stringify({ queues: { duel, crowd } }));
  return file;
};

const fill = async ({ say, signal }: BenchContext, store: Store, file: string): Promise<void> => {
  say(`${WAITING.toLocaleString("en-US")} waiting players`);
  const queue = (await readQueues(file)).get("crowd");
  if (!queue) throw new Error("the queues file has it");
  for (let start = 0; start < WAITING; start += PER_CALL) {
    signal.throwIfAborted();
    const tickets = Array.from({ length: PER_CALL }, (_, n) => ({
      id: `t_crowd-${start + n}`,
      request: { players: [{ id: `crowd-${start + n}`, elo: 400 + (start + n) / 25 }] },
    }));
    await store.enqueueTickets(queue, tickets);
  }
  // Each is searched for once, by the sweeper.
  await until("the whole crowd was searched for", LIMIT_MS, async () => {
    const { dueAt } = await store.readSchedule(["crowd"], 0);
    return (dueAt.get("crowd") ?? 0) > store.clock.now() + SOON_MS;
  });
};

/** How many of the accepted are in no match; of an odd number one can't be. */
const untilMatched = async (store: Store, calls: readonly Call[]): Promise<number> => {
  const tickets = calls.flatMap(({ ticket }) => ticket ?? []);
  const open = async () => {
    const read = await Promise.all(tickets.map((id) => store.readTicket(id)));
    return read.filter((ticket) => ticket?.status !== "matched").length - (tickets.length % 2);
  };
  await until("all are matched", LIMIT_MS / 4, async () => (await open()) <= 0).catch(() => {});
  return Math.max(0, await open());
};
