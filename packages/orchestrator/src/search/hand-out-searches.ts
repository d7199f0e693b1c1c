import type { Queue } from "@muster/core";
import { type Neighbourhood, neighbourhoods } from "@muster/matching";
import type { JobProducer, Store } from "@muster/store";
import type { SearchTicket } from "./search-ticket.ts";

/**
 * Jobs that may wait for a matchmaker. A range ages while its job waits, and proposals made from an old one conflict; so
 * when the matchmakers are behind, tickets wait here, where the next range is read just before it is used.
 */
export const MAX_WAITING_SEARCHES = 4;

export interface SearchDeps {
  store: Pick<Store, "readRange" | "readOpenMatches">;
  searches: Pick<JobProducer<"search">, "add" | "waiting">;
}

/** How many jobs may be handed out now. */
export const roomForSearches = async ({ searches }: Pick<SearchDeps, "searches">): Promise<number> =>
  Math.max(0, MAX_WAITING_SEARCHES - (await searches.waiting()));

/**
 * Hands tickets to the matchmakers, as far as there is room: for each neighbourhood of elo one job with the tickets to
 * serve and the range around them.
 *
 * @returns the tickets for which there was no room
 */
export const handOutSearches = async (
  deps: SearchDeps,
  queue: Queue,
  tickets: readonly SearchTicket[],
): Promise<SearchTicket[]> => {
  if (tickets.length === 0) return [];
  const groups = neighbourhoods(queue, tickets);
  const room = await roomForSearches(deps);
  await Promise.all(groups.slice(0, room).map((group) => handOut(deps, queue, group)));
  return groups.slice(room).flatMap(({ serve }) => serve);
};

const handOut = async (
  { store, searches }: SearchDeps,
  queue: Queue,
  { serve, range }: Neighbourhood<SearchTicket>,
) => {
  const [candidates, open] = await Promise.all([
    store.readRange(queue.name, range),
    store.readOpenMatches(queue.name, range),
  ]);
  await searches.add({ v: 1, queue: queue.name, serve: serve.map((ticket) => ticket.packed), candidates, open });
};
