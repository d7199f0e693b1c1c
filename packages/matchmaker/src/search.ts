import type { Ids, Queues } from "@muster/core";
import type { Logger } from "@muster/core/service";
import { findMatches } from "@muster/matching";
import { type JobProducer, type SearchJob, type Store, unpackOpenMatch, unpackTicket } from "@muster/store";
import { REMEMBERED_MS, type RecentlyProposed } from "./recently-proposed.ts";

/**
 * Commit jobs that may wait for the mover. With more, proposals would grow so old that their tickets are proposed again
 * meanwhile; so searches wait instead, their own jobs with them, and the orchestrators gather more tickets for the next.
 */
export const MAX_WAITING_COMMITS = 6;
const LOOK_AGAIN_MS = 4;
/** After this long the mover is away, and the tickets come due again anyway. */
export const LOOKS = 250;

export interface SearchDeps {
  /** Of this matchmaker. */
  name: string;
  store: Pick<Store, "retryTickets" | "clock">;
  commits: Pick<JobProducer<"commit">, "add" | "waiting">;
  queues: Queues;
  ids: Ids;
  recent: RecentlyProposed;
  log: Logger;
  pause: (ms: number) => Promise<void>;
}

/** What came of a search. */
export interface Searched {
  /** Ids of the tickets that a match was looked for. */
  served: string[];
  proposals: number;
}

/**
 * Serves one search: reads the job, lets `matching` decide, hands the proposals to the mover and sends the tickets
 * without a match back to wait with one try more.
 */
export const search = async (deps: SearchDeps, job: SearchJob): Promise<Searched> => {
  const { store, commits, ids, recent, log } = deps;
  const queue = deps.queues.get(job.queue);
  if (job.v !== 1 || !queue) {
    log.warn({ queue: job.queue, v: job.v }, "a search that this version doesn't know is left to the sweeper");
    return { served: [], proposals: 0 };
  }
  if (!(await hasRoom(deps))) return { served: [], proposals: 0 };
  const [free, proposed] = partition(job.serve.map(unpackTicket), (ticket) => !recent.has(ticket));
  const candidates = job.candidates.map(unpackTicket).filter((ticket) => !recent.has(ticket));
  // Also those that were proposed to be joined just now: a join that comes too late costs a conflict, but without the
  // match its tickets would begin a new one beside it.
  const open = (job.open ?? []).map(unpackOpenMatch);
  const { proposals, unmatched } = findMatches({ queue, serve: free, candidates, open, now: store.clock.now(), ids });

  if (proposals.length > 0) {
    // Remembered first: the next search may begin before the job is added.
    recent.add(proposals.flatMap((proposal) => proposal.tickets));
    await commits.add({ v: 1, by: deps.name, proposals });
  }
  const now = store.clock.now();
  await store.retryTickets(queue.name, unmatched, { dueAt: now + queue.retryEveryMs, countTry: true });
  // Most of these are matched by then; one whose proposal failed is searched for again.
  await store.retryTickets(queue.name, proposed, { dueAt: now + REMEMBERED_MS, countTry: false });
  return { served: free.map(({ id }) => id), proposals: proposals.length };
};

const hasRoom = async ({ commits, pause }: Pick<SearchDeps, "commits" | "pause">): Promise<boolean> => {
  for (let look = 0; look < LOOKS; look++) {
    if ((await commits.waiting()) < MAX_WAITING_COMMITS) return true;
    await pause(LOOK_AGAIN_MS);
  }
  return false;
};

const partition = <Item>(items: readonly Item[], belongs: (item: Item) => boolean): [Item[], Item[]] => [
  items.filter(belongs),
  items.filter((item) => !belongs(item)),
];
