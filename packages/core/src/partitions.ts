import { idIn } from "./ids.ts";
import type { Ids } from "./ports.ts";
import type { Queue, Queues } from "./queue-definition.ts";

/**
 * A deployment's queues by partition, its own one first. Who is in one can't be in another at the same time, and meets
 * nobody of another.
 *
 * @param home the deployment's own partition: that of queues which name none
 */
export const partitionsOf = (queues: Queues, home: string): Map<string, Queues> => {
  const byPartition = new Map<string, Map<string, Queue>>([[home, new Map()]]);
  for (const queue of queues.values()) {
    const { partition = home } = queue;
    const own = byPartition.get(partition) ?? new Map();
    byPartition.set(partition, own.set(queue.name, queue));
  }
  return byPartition;
};

/** Makes the ids of one partition's tickets and matches. */
export const idsIn = (ids: Ids, partition: string | undefined): Ids => ({
  ticket: () => idIn(partition, ids.ticket()),
  match: () => idIn(partition, ids.match()),
  token: () => ids.token(),
});
