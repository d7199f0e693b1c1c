import type { StoreContext } from "./context.ts";

/** Recent matches that the statistics are made of. */
const RECENT_EVENTS = 500;
const RECENT_MS = 600_000;

export interface QueueStats {
  /** Tickets that wait now. */
  depth: number;
  /** Of tickets matched in the last ten minutes (500 last events at most); null when there was none. */
  waitMs: { p50: number; p90: number; p99: number } | null;
}

/** Depth and recent waits of queues, by name. */
export const readQueueStats = async (
  { redis, keys, clock }: StoreContext,
  queues: readonly string[],
): Promise<Map<string, QueueStats>> => {
  const depths = await Promise.all(queues.map((queue) => redis.zcard(keys.due(queue))));
  const entries = await redis.xrevrange(keys.events, "+", String(clock.now() - RECENT_MS), "COUNT", RECENT_EVENTS);
  const waits = new Map<string, number[]>(queues.map((queue) => [queue, []]));
  for (const [, fields] of entries) {
    const event = Object.fromEntries(fields.flatMap((_, n) => (n % 2 === 0 ? [[fields[n], fields[n + 1]]] : [])));
    if (event.type === "matched") waits.get(event.queue)?.push(...event.waitsMs.split(",").map(Number));
  }
  return new Map(
    queues.map((queue, index) => [queue, { depth: depths[index] ?? 0, waitMs: percentiles(waits.get(queue) ?? []) }]),
  );
};

const percentiles = (values: number[]): QueueStats["waitMs"] => {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  // Nearest rank.
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99) };
};
