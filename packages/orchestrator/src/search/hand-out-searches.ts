import type { Clock, Queue, WaitingTicket } from "@muster/core";
import { areHopeless, type Neighbourhood, neighbourhoods } from "@muster/matching";
import { type JobProducer, type Store, unpackTicket } from "@muster/store";
import type { SearchTicket } from "./search-ticket.ts";

/**
 * Jobs that may wait for a matchmaker. A range ages while its job waits, and proposals made from an old one conflict; so
 * when the matchmakers are behind, tickets wait here, where the next range is read just before it is used.
 */
export const MAX_WAITING_SEARCHES = 4;

/**
 * Of tickets that have waited here for longer than this it is asked whether they wait at all: they are in the range of others
 * too, who may have been matched with them. To propose them again would only make a conflict.
 */
const STALE_MS = 50;

/** With so few tickets in reach a look at them costs less than a job does. */
const FEW = 24;

export interface SearchDeps {
  store: Pick<Store, "readRange" | "readOpenMatches" | "readWaiting"> & { clock: Pick<Clock, "now"> };
  searches: Pick<JobProducer<"search">, "add" | "waiting">;
}

type SendBack = (tickets: readonly WaitingTicket[]) => Promise<void>;

/** How many jobs may be handed out now. */
export const roomForSearches = async ({ searches }: Pick<SearchDeps, "searches">): Promise<number> =>
  Math.max(0, MAX_WAITING_SEARCHES - (await searches.waiting()));

/**
 * Tickets that one job serves at most. A job costs its queue as much as some 30 kB of it do, so under load one carries
 * several neighbourhoods; beyond this the next matchmaker can do its part.
 */
const SERVED_PER_JOB = 200;

/** Fewer than these are all handed out as soon as the matchmakers have caught up. */
export const ROOM_FOR_ALL = MAX_WAITING_SEARCHES * SERVED_PER_JOB;

/**
 * So many of the oldest tickets are grouped into neighbourhoods for each job: enough for groups to be dense, so that a
 * range serves many, and so few that nobody is overtaken by more.
 */
const GROUPED_PER_JOB = 5 * SERVED_PER_JOB;

/**
 * Hands tickets to the matchmakers, as far as there is room: for each neighbourhood of elo the tickets to serve and the
 * range around them, as many as fit into one job. Those neighbourhoods come first whose oldest ticket has waited longest.
 *
 * @param tickets the oldest first
 * @param sendBack takes those of whom it is plain that nobody around suits them; absent: a matchmaker finds that out
 * @returns the tickets for which there was no room, in the same order
 */
export const handOutSearches = async <Ticket extends SearchTicket>(
  deps: SearchDeps,
  queue: Queue,
  tickets: readonly Ticket[],
  sendBack?: SendBack,
): Promise<readonly Ticket[]> => {
  if (tickets.length === 0) return [];
  const room = await roomForSearches(deps);
  if (room === 0) return tickets;
  const groups = neighbourhoods(queue, tickets.slice(0, room * GROUPED_PER_JOB));
  const oldestFirst = groups.map((group) => ({ group, since: oldestOf(group) })).sort((a, b) => a.since - b.since);
  const jobs = inJobs(oldestFirst.map(({ group }) => group)).slice(0, room);
  await Promise.all(jobs.map((job) => handOut(deps, queue, job, sendBack)));
  const handedOut = new Set(jobs.flat().flatMap(({ serve }) => serve));
  return tickets.filter((ticket) => !handedOut.has(ticket));
};

const oldestOf = ({ serve }: Neighbourhood<SearchTicket>): number =>
  serve.reduce((oldest, { since }) => Math.min(oldest, since), Infinity);

const inJobs = <Ticket extends SearchTicket>(groups: readonly Neighbourhood<Ticket>[]): Neighbourhood<Ticket>[][] => {
  const jobs: Neighbourhood<Ticket>[][] = [];
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
  sendBack: SendBack | undefined,
) => {
  const [serve, read] = await Promise.all([
    stillWaiting(
      store,
      queue,
      groups.flatMap((group) => group.serve),
    ),
    Promise.all(
      groups.map(async ({ range }) =>
        Promise.all([store.readRange(queue.name, range), store.readOpenMatches(queue.name, range)]),
      ),
    ),
  ]);
  if (serve.length === 0) return;
  const candidates = othersIn(
    serve,
    read.map(([range]) => range),
  );
  const open = [...new Set(read.flatMap(([, matches]) => matches))];
  if (sendBack && open.length === 0 && serve.length + candidates.length <= FEW) {
    const [own, others] = [serve.map(unpackTicket), candidates.map(unpackTicket)];
    if (areHopeless(queue, own, others, store.clock.now())) return sendBack(own);
  }
  await searches.add({ v: 3, queue: queue.name, serve, candidates, open });
};

/** Each ticket of the ranges once, but those to serve: ranges overlap, and contain most of these. */
const othersIn = (serve: readonly string[], ranges: readonly (readonly string[])[]): string[] => {
  const seen = new Set(serve);
  const others: string[] = [];
  for (const range of ranges) {
    for (const packed of range) {
      const { size } = seen;
      if (seen.add(packed).size > size) others.push(packed);
    }
  }
  return others;
};

/** Those of the tickets that wait, as they are packed now. */
const stillWaiting = async (
  store: SearchDeps["store"],
  queue: Queue,
  tickets: readonly SearchTicket[],
): Promise<string[]> => {
  const before = store.clock.now() - STALE_MS;
  const stale = tickets.filter(({ packedAt }) => packedAt < before);
  const fresh = tickets.filter(({ packedAt }) => packedAt >= before).map(({ packed }) => packed);
  if (stale.length === 0) return fresh;
  const waiting = await store.readWaiting(queue.name, stale);
  return [...waiting.filter((packed) => packed !== undefined), ...fresh];
};
