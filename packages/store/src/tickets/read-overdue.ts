import type { StoreContext } from "../context.ts";

export interface Overdue {
  /** Tickets that have come due and were not taken yet. */
  tickets: number;
  /** For how long the first of them has been due, ms; 0 for none. */
  forMs: number;
}

/** How far the sweepers are behind with some queues. */
export const readOverdue = async (
  { redis, keys, clock }: StoreContext,
  queues: readonly string[],
): Promise<Overdue> => {
  const now = clock.now();
  const pipeline = redis.pipeline();
  for (const queue of queues) {
    pipeline.zcount(keys.due(queue), "-inf", now).zrange(keys.due(queue), "0", "0", "WITHSCORES");
  }
  let tickets = 0;
  let firstAt = now;
  for (const [error, reply] of (await pipeline.exec()) ?? []) {
    if (error) throw error;
    if (Array.isArray(reply)) firstAt = Math.min(firstAt, Number(reply[1] ?? now));
    else tickets += Number(reply);
  }
  return { tickets, forMs: now - firstAt };
};
