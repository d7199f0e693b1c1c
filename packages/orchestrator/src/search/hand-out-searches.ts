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
 * Tickets that one job serves at most. A job costs its queue as much as some 30 kB of it do, so under load one carries
 * several neighbourhoods; beyond this the next matchmaker can do its part.
 */
const SERVED_PER_JOB = 200;

/**
 * Hands tickets to the matchmakers, as far as there is room: for each neighbourhood of elo the tickets to serve and the
 * range around them, as many as fit into one job.
 *
 * @returns the tickets for which there was no room
 */
export const handOutSearches = async (
  deps: SearchDeps,
  queue: Queue,
  tickets: readonly SearchTicket[],
): Promise<SearchTicket[]> => {
  if (tickets.length === 0) return [];
  const jobs = inJobs(neighbourhoods(queue, tickets));
  const room = await roomForSearches(deps);
  await Promise.all(jobs.slice(0, room).map((groups) => handOut(deps, queue, groups)));
  return jobs.slice(room).flatMap((groups) => groups.flatMap(({ serve }) => serve));
};

const inJobs = (groups: readonly Neighbourhood<SearchTicket>[]): Neighbourhood<SearchTicket>[][] => {
  const jobs: Neighbourhood<SearchTicket>[][] = [];
  let served = Infinity;
  for (const group of groups) {
    served += group.serve.length;
    if (served > SERVED_PER_JOB) {
      jobs.push([]);
      served = group.serve.length;
    }
    jobs.at(-1)?.push(group);
  }
  return jobs;
};

const handOut = async (
  { store, searches }: SearchDeps,
  queue: Queue,
  groups: readonly Neighbourhood<SearchTicket>[],
) => {
  const read = await Promise.all(
    groups.map(async ({ range }) =>
      Promise.all([store.readRange(queue.name, range), store.readOpenMatches(queue.name, range)]),
    ),
  );
  const serve = groups.flatMap((group) => group.serve.map((ticket) => ticket.packed));
  // Ranges overlap, and contain most of the tickets to serve.
  const candidates = new Set(read.flatMap(([range]) => range));
  for (const packed of serve) candidates.delete(packed);
  const open = [...new Set(read.flatMap(([, matches]) => matches))];
  await searches.add({ v: 1, queue: queue.name, serve, candidates: [...candidates], open });
};
