import { setTimeout as sleep } from "node:timers/promises";
import type { PlayerState } from "@muster/core";
import { systemClock, systemRandom } from "@muster/core/service";
import type { Redis } from "ioredis";
import { expect, it, onTestFinished } from "vitest";
import { openTestStore, sampleQueue, solo, until } from "../testing/index.ts";
import { openPartitions } from "./open-partitions.ts";
import { openRoutedFeed } from "./routed-feed.ts";

const QUEUES = [
  sampleQueue(),
  { ...sampleQueue({ name: "pairs" }), partition: "eu" },
  { ...sampleQueue({ name: "squads" }), partition: "us" },
];
const PLAYERS = 20;
const LIMIT_MS = 10_000;

const COPY = `
local copy = {}
for _, key in ipairs(redis.call('KEYS', '*')) do
  copy[#copy + 1] = { key, redis.call('PTTL', key), redis.call('DUMP', key) }
end
return copy`;

/** Keeps all that Redis has at this moment. @returns what has it fall back to that, as in a fail-over to a replica that lagged */
const fallBackTo = async (redis: Redis): Promise<() => Promise<void>> => {
  const copy = (await redis.callBuffer("EVAL", COPY, 0)) as [Buffer, number, Buffer][];
  return async () => {
    const back = redis.multi().flushdb();
    for (const [key, ttlMs, value] of copy) back.restore(key, Math.max(ttlMs, 0), value);
    await back.exec();
    for (const type of ["normal", "pubsub"]) await redis.call("CLIENT", "KILL", "TYPE", type, "SKIPME", "yes");
  };
};

it.each([1, 2, 3, 4, 5, 6])(
  "watchers are told what a fail-over left of players who went from partition to partition: %i",
  { timeout: 4 * LIMIT_MS },
  async () => {
    const test = await openTestStore();
    onTestFinished(() => test.stop());
    const about = { url: test.redis.url, name: "test", clock: systemClock, random: systemRandom };
    const queues = new Map(QUEUES.map((queue) => [queue.name, queue]));
    const partitions = await openPartitions({ ...about, queues, home: "main" });
    onTestFinished(() => partitions.close());
    const told = new Map<string, PlayerState[]>();
    const feed = await openRoutedFeed(partitions, {
      ...{ url: about.url, name: "feed" },
      onState: (player, state) => void told.set(player, [...(told.get(player) ?? []), state]),
    });
    onTestFinished(() => feed.close());

    const players = Array.from({ length: PLAYERS }, (_, n) => `player-${n}`);
    feed.hold(players);
    let tickets = 0;
    let isOver = false;
    const live = async (player: string): Promise<void> => {
      while (!isOver) {
        await sleep(20 * systemRandom.next());
        const queue = QUEUES[Math.floor(systemRandom.next() * QUEUES.length)] ?? sampleQueue();
        const id = `t_${queue.partition ? `${queue.partition}.` : ""}${++tickets}`;
        // Refused where Redis is away, or one who fell back waits still.
        const outcomes = await partitions.routed.enqueueTickets(queue, [{ id, request: solo(player) }]).catch(() => []);
        const busy = outcomes.flatMap((outcome) => (outcome.outcome === "busy" ? outcome.players : []));
        const waits = busy[0]?.state.ticket ?? id;
        if (systemRandom.next() < 0.8) await partitions.routed.endTicket(waits, "cancelled").catch(() => {});
      }
    };
    const someTime = () => sleep(100 + 100 * systemRandom.next());
    const lives = players.map(live);
    await someTime();
    const fallBack = await fallBackTo(test.raw);
    await someTime();
    isOver = true;
    await Promise.all(lives);
    const left = () => Promise.all(players.map((player) => partitions.routed.readPlayer(player)));
    const asTold = async () => {
      const now = await left();
      return players.every((player, n) => {
        const last = told.get(player)?.at(-1);
        // On its way into a partition where it has never been: no more is known of it than of one who was forgotten.
        if (now[n]?.state === "idle" && now[n]?.at === 0) return last?.state === "idle";
        return last?.version === now[n]?.version && last?.state === now[n]?.state && last?.ticket === now[n]?.ticket;
      });
    };
    await until("all is told", LIMIT_MS, asTold);
    const before = await left();
    await fallBack();
    await until("what is left is told", LIMIT_MS, asTold);
    // Else this tested nothing.
    const after = await left();
    expect(players.filter((_, n) => before[n]?.ticket !== after[n]?.ticket).length).toBeGreaterThan(PLAYERS / 4);
    // Nor does anything stand in the way of what comes then.
    isOver = false;
    const again = players.map(live);
    await someTime();
    isOver = true;
    await Promise.all(again);
    await until("what came then is told", LIMIT_MS, asTold);
    for (const player of players) {
      const versions = (told.get(player) ?? []).map(({ version }) => version);
      expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
    }
  },
);
