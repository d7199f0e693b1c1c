import type { Queue } from "@muster/core";
import type { JobProducer, Store } from "@muster/store";
import { neighbourhoods, type SearchTicket } from "./neighbourhoods.ts";

/**
 * Jobs that may wait for a matchmaker. Beyond that the matchmakers are behind, and another job would only be older when
 * its turn comes: the tickets stay due and are handed out again when there is room.
 */
export const MAX_WAITING_SEARCHES = 64;

export interface SearchDeps {
  store: Pick<Store, "readRange">;
  searches: Pick<JobProducer<"search">, "add" | "waiting">;
}

/**
 * Hands tickets to the matchmakers: for each neighbourhood of elo one job with the tickets to serve and the range
 * around them.
 *
 * @returns how many jobs were handed out; 0 when the matchmakers are too far behind
 */
export const handOutSearches = async (
  { store, searches }: SearchDeps,
  queue: Queue,
  tickets: readonly SearchTicket[],
): Promise<number> => {
  if (tickets.length === 0) return 0;
  const groups = neighbourhoods(queue, tickets);
  const room = MAX_WAITING_SEARCHES - (await searches.waiting());
  const jobs = groups.slice(0, Math.max(0, room)).map(async ({ serve, range }) => {
    const candidates = await store.readRange(queue.name, range);
    await searches.add({ v: 1, queue: queue.name, serve: serve.map((ticket) => ticket.packed), candidates });
  });
  await Promise.all(jobs);
  return jobs.length;
};
