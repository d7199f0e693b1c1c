import type { StoreContext } from "../context.ts";

/** The statistics are made of the last so many tickets that were matched, and of none when the last one is long ago. */
export const RECENT_WAITS = 500;
export const RECENT_MS = 600_000;

export interface QueueStats {
  /** Tickets that wait now. */
  depth: number;
  /** Matches that look for players now. */
  openMatches: number;
  /** Of the last 500 tickets that were matched; null when none was in the last ten minutes. */
  waitMs: { p50: number; p90: number; p99: number } | null;
}

/** Depth and recent waits of queues, by name. */
export const readQueueStats = async (
  { redis, keys }: StoreContext,
  queues: readonly string[],
): Promise<Map<string, QueueStats>> => {
  const read = async (queue: string): Promise<[string, QueueStats]> => {
    const [depth, openMatches, waits] = await Promise.all([
      redis.zcard(keys.due(queue)),
      redis.zcard(keys.openByElo(queue)),
      redis.lrange(keys.waits(queue), 0, -1),
    ]);
    return [queue, { depth, openMatches, waitMs: percentiles(waits.map(Number)) }];
  };
  return new Map(await Promise.all(queues.map(read)));
};

const percentiles = (values: number[]): QueueStats["waitMs"] => {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  // Nearest rank.
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99) };
};
