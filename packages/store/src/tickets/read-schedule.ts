import type { StoreContext } from "../context.ts";

export interface Schedule {
  /** When the next ticket of a queue is due, ms since the epoch; Infinity when none waits. */
  dueAt: Map<string, number>;
  /** When something about a match is due first, ms since the epoch; Infinity when nothing is. */
  matchDueAt: number;
  /** Ids of matches about which something is due, the longest due first. */
  matchesDue: string[];
}

/** What is to be done next, in one round trip: a sweeper asks several times a second. */
export const readSchedule = async (
  { redis, keys, clock }: StoreContext,
  queues: readonly string[],
  matchLimit: number,
): Promise<Schedule> => {
  const pipeline = redis.pipeline().zrangebyscore(keys.matchDue, "-inf", clock.now(), "LIMIT", 0, matchLimit);
  pipeline.zrange(keys.matchDue, "0", "0", "WITHSCORES");
  for (const queue of queues) pipeline.zrange(keys.due(queue), "0", "0", "WITHSCORES");
  const replies = (await pipeline.exec()) ?? [];
  for (const [error] of replies) if (error) throw error;
  // ZRANGE … WITHSCORES answers with [member, score], ZRANGEBYSCORE with members.
  const [matchesDue = [], match, ...first] = replies.map(([, reply]) => reply as string[]);
  const dueAt = queues.map((queue, index): [string, number] => [queue, Number(first[index]?.[1] ?? Infinity)]);
  return { dueAt: new Map(dueAt), matchDueAt: Number(match?.[1] ?? Infinity), matchesDue };
};
