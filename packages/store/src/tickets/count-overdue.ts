import type { StoreContext } from "../context.ts";

/** How many tickets of some queues have come due and were not taken by a sweeper yet. */
export const countOverdue = async (
  { redis, keys, clock }: StoreContext,
  queues: readonly string[],
): Promise<number> => {
  const now = clock.now();
  const pipeline = redis.pipeline();
  for (const queue of queues) pipeline.zcount(keys.due(queue), "-inf", now);
  let tickets = 0;
  for (const [error, reply] of (await pipeline.exec()) ?? []) {
    if (error) throw error;
    tickets += Number(reply);
  }
  return tickets;
};
