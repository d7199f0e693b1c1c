import { seededRandom } from "@muster/cli";
import type { Queue } from "@muster/core";
import { readQueues, systemClock, systemIds } from "@muster/core/service";
import { findMatches, neighbourhoods } from "@muster/matching";
import { type NewTicket, openStore, packTicket, type Store, unpackTicket } from "@muster/store";
import { startTestRedis, type TestRedis, until } from "@muster/store/testing";
import type { Bench, BenchContext } from "../bench.ts";
import { type Crowd, readCrowd } from "../pipeline/crowd.ts";
import { writePatientQueues } from "../pipeline/patient-queues.ts";
import { DURABLE } from "../pipeline/pipeline.ts";
import { type RedisWatch, watchRedis } from "../redis-info.ts";

const SIZES = [1_000, 10_000, 100_000, 1_000_000];
const PER_CALL = 50;
const CALLS = 4;
/** Of each the cheapest counts: what else the machine does only adds to it. */
const REPETITIONS = 7;
const ENQUEUES = 500;
const SEARCHES = 150;
/** To read a million waiting players from the file. */
const LOAD_LIMIT_MS = 120_000;
const RECONNECT_LIMIT_MS = 10_000;
const REWRITE_LIMIT_MS = 120_000;

export const growth: Bench = {
  name: "growth",
  about: "what a further enqueue and a search cost, by how many players wait unmatched in duel",
  seed: 1_000_000,
  async run(context) {
    const sizes = context.quick ? SIZES.slice(0, 3) : SIZES;
    await using held = new AsyncDisposableStack();
    const queues = await readQueues(await writePatientQueues(held));
    const queue = queues.get("duel");
    if (!queue) throw new Error("queues.json has no queue duel");
    const redis = held.adopt(await startTestRedis({ args: DURABLE, startLimitMs: LOAD_LIMIT_MS }), (started) =>
      started.stop(),
    );
    const store = await openStore({ url: redis.url, partition: "main", name: "bench", clock: systemClock });
    held.defer(() => store.close());
    const info = held.adopt(await watchRedis(redis.url), (watch) => watch.close());
    const tools = { ...context, store, queue, info, crowd: await readCrowd("waits", context.seed) };

    const emptyBytes = (await info.read()).memoryBytes;
    const bySize: Record<string, Costs> = {};
    let waiting = 0;
    // What runs for the first time is slow.
    waiting = await fill(tools, waiting, SIZES[0] ?? 0);
    await measure(tools, waiting);
    waiting += REPETITIONS * ENQUEUES;
    for (const size of sizes) {
      context.say(`${size.toLocaleString("en-US")} waiting players`);
      if (size > waiting) waiting = await fill(tools, waiting, size);
      bySize[size] = await measure(tools, waiting);
      waiting += REPETITIONS * ENQUEUES;
    }
    const [small, large] = [bySize[10_000], bySize[sizes.at(-1) ?? 0]];
    const bytesPerPlayer = ((await info.read()).memoryBytes - emptyBytes) / waiting;
    context.say("a restart of Redis with all of them");
    const restartMs = await restart(redis, info);
    await rewrite(info);
    const restartRewrittenMs = await restart(redis, info);
    return {
      figures: {
        enqueueRatio: (large?.enqueueMicros ?? Number.NaN) / (small?.enqueueMicros ?? Number.NaN),
        searchRatio: (large?.searchMicros ?? Number.NaN) / (small?.searchMicros ?? Number.NaN),
        ...{ bytesPerPlayer, restartMs, restartRewrittenMs },
        ...Object.fromEntries(Object.entries(bySize).map(([size, costs]) => [`waiting${size}`, { ...costs }])),
      },
      rows: [
        ...sizes.flatMap((size) => [
          { figure: `waiting${size}.enqueueMicros`, label: `${size} wait: one more enqueue`, unit: "µs" },
          { figure: `waiting${size}.searchMicros`, label: `${size} wait: one search`, unit: "µs" },
        ]),
        { figure: "enqueueRatio", label: `enqueue, 10,000 to ${sizes.at(-1)}`, unit: "×" },
        { figure: "searchRatio", label: `search, 10,000 to ${sizes.at(-1)}`, unit: "×" },
        { figure: "bytesPerPlayer", label: "memory of Redis per waiting player", unit: "B" },
        { figure: "restartMs", label: "Redis stopped and started, until it answers", unit: "ms" },
        { figure: "restartRewrittenMs", label: "the same after its file was rewritten", unit: "ms" },
      ],
      goals: [
        { figure: "enqueueRatio", below: 1.5 },
        { figure: "searchRatio", below: 1.5 },
        { figure: "bytesPerPlayer", below: 600 },
      ],
      notes: [
        `CPU of Redis and of the caller together, the cheapest of ${REPETITIONS} times; enqueues in calls of ${PER_CALL}, a search for one ticket at its first try: hand-out, range and matching pass.`,
        `The size 1,000 is measured with ${(1_000 + REPETITIONS * ENQUEUES).toLocaleString("en-US")} waiting players, since measuring adds some.`,
      ],
    };
  },
};

/** From the order to stop, with all that waits to be written to disk, until Redis has read its file. */
const restart = async (redis: TestRedis, info: RedisWatch): Promise<number> => {
  const beganAt = performance.now();
  await redis.restart();
  const tookMs = performance.now() - beganAt;
  await until("the watch is connected again", RECONNECT_LIMIT_MS, async () => info.redis.status === "ready");
  return tookMs;
};

const rewrite = async ({ redis }: RedisWatch): Promise<void> => {
  await redis.bgrewriteaof();
  await until("the append-only file is rewritten", REWRITE_LIMIT_MS, async () =>
    /aof_rewrite_in_progress:0[\s\S]*aof_rewrite_scheduled:0/.test(await redis.info("persistence")),
  );
};

interface Costs {
  enqueueMicros: number;
  searchMicros: number;
}

interface Tools extends BenchContext {
  store: Store;
  queue: Queue;
  info: RedisWatch;
  crowd: Crowd;
}

const fill = async (tools: Tools, from: number, to: number): Promise<number> => {
  let next = from;
  const some = async () => {
    while (next < to) {
      tools.signal.throwIfAborted();
      const begin = next;
      next = Math.min(to, begin + PER_CALL);
      await enqueueSome(tools, begin, next);
    }
  };
  await Promise.all(Array.from({ length: CALLS }, some));
  return to;
};

const enqueueSome = async ({ store, queue, crowd }: Tools, from: number, to: number): Promise<void> => {
  const tickets = Array.from({ length: to - from }, (_, n): NewTicket => {
    const request = { players: [{ id: crowd.id(from + n), ...crowd.person(from + n) }] };
    return { id: systemIds.ticket(), request };
  });
  const outcomes = await store.enqueueTickets(queue, tickets);
  const refused = outcomes.find(({ outcome }) => outcome !== "queued");
  if (refused) throw new Error(`a player was not queued: ${refused.outcome}`);
};

const measure = async (tools: Tools, waiting: number): Promise<Costs> => {
  let [enqueueMicros, searchMicros] = [Infinity, Infinity];
  const random = seededRandom(tools.seed);
  for (let repetition = 0; repetition < REPETITIONS; repetition++) {
    const from = waiting + repetition * ENQUEUES;
    enqueueMicros = Math.min(enqueueMicros, (await costOf(tools, () => fill(tools, from, from + ENQUEUES))) / ENQUEUES);
    const search = async () => {
      for (let n = 0; n < SEARCHES; n++) await searchOne(tools, Math.floor(random.next() * waiting));
    };
    searchMicros = Math.min(searchMicros, (await costOf(tools, search)) / SEARCHES);
  }
  return { enqueueMicros, searchMicros };
};

/** CPU of Redis and of this process, µs. */
const costOf = async ({ info }: Tools, work: () => Promise<unknown>): Promise<number> => {
  const before = await info.read();
  const own = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(own);
  return (await info.read()).cpuMicros - before.cpuMicros + user + system;
};

/** As orchestrator and matchmaker do it for a new ticket. */
const searchOne = async ({ store, queue, crowd }: Tools, index: number): Promise<void> => {
  const players = [{ id: crowd.id(index), ...crowd.person(index) }];
  const elo = players[0]?.elo ?? 0;
  const packed = packTicket({ id: `t_${index}`, version: 1, createdAt: store.clock.now(), tries: 0, players });
  for (const { range } of neighbourhoods(queue, [{ elo, tries: 0 }])) {
    const [candidates, open] = await Promise.all([
      store.readRange(queue.name, range),
      store.readOpenMatches(queue.name, range),
    ]);
    if (open.length > 0) throw new Error("a duel looks for players");
    const others = candidates.map(unpackTicket).filter((ticket) => ticket.players[0]?.id !== crowd.id(index));
    findMatches({ queue, serve: [unpackTicket(packed)], candidates: others, now: store.clock.now(), ids: systemIds });
  }
};
