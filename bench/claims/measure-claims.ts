import { readQueues, systemClock, systemIds, systemRandom } from "@muster/core/service";
import { claimKey, openPartitions, type PlayersStore } from "@muster/store";
import { startTestRedis } from "@muster/store/testing";
import type { BenchContext } from "../bench.ts";
import { readCrowd } from "../pipeline/crowd.ts";
import { duelIn, writePatientQueues } from "../pipeline/patient-queues.ts";
import { DURABLE } from "../pipeline/pipeline.ts";
import { watchRedis } from "../redis-info.ts";

const PLAYERS = 10_000;
const PER_CALL = 50;

/** CPU of Redis per player who is enqueued, in batches of 50, by where its claim is. */
export interface ClaimCosts {
  /** With one partition there are no claims. */
  withoutMicros: number;
  /** In the deployment's own partition, by players who were in no other: their claims are looked for. */
  absentMicros: number;
  /** In another partition, by players who come from the first. */
  movedMicros: number;
  /** In that other one again. */
  settledMicros: number;
  /** Memory of a claim. */
  bytes: number;
}

export const measureClaims = async ({ say }: BenchContext): Promise<ClaimCosts> => {
  say(`${PLAYERS} enqueues without claims, with none there, with claims that move, and that stay`);
  await using held = new AsyncDisposableStack();
  const queues = await readQueues(await writePatientQueues(held, 2));
  const [own, other] = [queues.get(duelIn(1)), queues.get(duelIn(2))];
  if (!own || !other) throw new Error("there are two queues");
  const redis = held.adopt(await startTestRedis({ args: DURABLE }), (started) => started.stop());
  const about = { url: redis.url, queues, home: "main", name: "bench", clock: systemClock, random: systemRandom };
  const partitions = held.adopt(await openPartitions(about), (opened) => opened.close());
  const info = held.adopt(await watchRedis(redis.url), (watch) => watch.close());
  const crowd = await readCrowd("c", PLAYERS);

  const enqueueAll = async (store: Pick<PlayersStore, "enqueueTickets">, queue: typeof own) => {
    const tickets = Array.from({ length: PLAYERS }, (_, n) => ({
      id: `${queue.partition ? `t_${queue.partition}.` : "t_"}${systemIds.token()}`,
      request: { players: [{ id: crowd.id(n), ...crowd.person(n) }] },
    }));
    const before = (await info.read()).cpuMicros;
    for (let from = 0; from < PLAYERS; from += PER_CALL) {
      const outcomes = await store.enqueueTickets(queue, tickets.slice(from, from + PER_CALL));
      if (outcomes.some(({ outcome }) => outcome !== "queued")) throw new Error("everybody is idle");
    }
    const micros = ((await info.read()).cpuMicros - before) / PLAYERS;
    for (let from = 0; from < PLAYERS; from += PER_CALL) {
      const some = tickets.slice(from, from + PER_CALL);
      await Promise.all(some.map(({ id }) => partitions.routed.endTicket(id, "cancelled")));
    }
    return micros;
  };

  // What runs for the first time is slow.
  await enqueueAll(partitions.home, own);
  const withoutMicros = await enqueueAll(partitions.home, own);
  const absentMicros = await enqueueAll(partitions.routed, own);
  const movedMicros = await enqueueAll(partitions.routed, other);
  const settledMicros = await enqueueAll(partitions.routed, other);
  const bytes = Number(await info.redis.memory("USAGE", claimKey(crowd.id(0))));
  return { withoutMicros, absentMicros, movedMicros, settledMicros, bytes };
};
