import type { Ids, Proposal, Queue, Queues, WaitingTicket } from "@muster/core";
import type { Logger } from "@muster/core/service";
import { findMatches, type Search } from "@muster/matching";
import {
  type JobProducer,
  type SearchJob,
  type Store,
  seenIn,
  toCommitJob,
  unpackOpenMatch,
  unpackTicket,
} from "@muster/store";

/**
 * A commit takes a few ms; a proposal that is still open after this long has most likely failed. Until then its tickets
 * still show in ranges, which overlap, and to propose them again would only make a conflict.
 */
export const RESERVED_MS = 500;
/**
 * Commit jobs that may wait for the mover. With more, proposals would grow so old that their tickets are proposed again
 * meanwhile; so searches wait instead, their own jobs with them, and the orchestrators gather more tickets for the next.
 */
export const MAX_WAITING_COMMITS = 6;
const LOOK_AGAIN_MS = 4;
/** After this long the mover is away, and the tickets come due again anyway. */
export const LOOKS = 250;
/** How often a search begins again because another has taken its tickets. */
const ROUNDS = 3;

export interface SearchDeps {
  /** Of this matchmaker. */
  name: string;
  store: Pick<Store, "reserveTickets" | "isReserved" | "retryTickets" | "clock">;
  commits: Pick<JobProducer<"commit">, "add" | "waiting">;
  queues: Queues;
  ids: Ids;
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
  const { store, commits, log } = deps;
  const queue = deps.queues.get(job.queue);
  if (job.v !== 3 || !queue) {
    log.warn({ queue: job.queue, v: job.v }, "a search that this version doesn't know is left to the sweeper");
    return { served: [], proposals: 0 };
  }
  if (!(await hasRoom(deps))) return { served: [], proposals: 0 };
  const [free, busy] = partition(job.serve.map(unpackTicket), (ticket) => !store.isReserved(ticket));
  // Under load most of them have just been proposed: those are not even unpacked.
  const candidates = job.candidates.filter((packed) => !store.isReserved(seenIn(packed))).map(unpackTicket);
  // Also those that were proposed to be joined just now: a join that comes too late costs a conflict, but without the
  // match its tickets would begin a new one beside it.
  const open = (job.open ?? []).map(unpackOpenMatch);
  const { proposals, unmatched, taken } = await propose(deps, queue, { serve: free, candidates, open });
  const now = store.clock.now();
  await Promise.all([
    proposals.length > 0 && commits.add(toCommitJob(queue.name, proposals, deps.name)),
    store.retryTickets(queue.name, unmatched, { dueAt: now + queue.retryEveryMs, countTry: true }),
    // Most of these are matched by then; one whose proposal failed is searched for again.
    store.retryTickets(queue.name, [...busy, ...taken], { dueAt: now + RESERVED_MS, countTry: false }),
  ]);
  return { served: free.map(({ id }) => id), proposals: proposals.length };
};

interface Found {
  proposals: Proposal[];
  unmatched: WaitingTicket[];
  /** Served tickets that others have proposed meanwhile. */
  taken: WaitingTicket[];
}

/**
 * Finds matches and takes their tickets, so that no other matchmaker proposes them too. Where another was faster, those
 * who are left are looked at again without what it has.
 */
const propose = async (
  { store, ids }: SearchDeps,
  queue: Queue,
  tickets: Pick<Search, "serve" | "candidates" | "open">,
): Promise<Found> => {
  let { serve, candidates } = tickets;
  const proposals: Proposal[] = [];
  const taken: WaitingTicket[] = [];
  for (let round = 1; ; round++) {
    const found = findMatches({ ...tickets, queue, serve, candidates, now: store.clock.now(), ids });
    if (found.proposals.length === 0) return { proposals, unmatched: found.unmatched, taken };
    const others = await store.reserveTickets(
      found.proposals.map((proposal) => proposal.tickets),
      RESERVED_MS,
    );
    const won = found.proposals.filter((_, index) => others[index]?.length === 0);
    proposals.push(...won);
    const [free, gone] = partition(serve, (ticket) => !store.isReserved(ticket));
    const proposed = new Set(won.flatMap((proposal) => proposal.tickets.map(({ id }) => id)));
    taken.push(...gone.filter(({ id }) => !proposed.has(id)));
    const isLast = round === ROUNDS || won.length === found.proposals.length;
    if (isLast) {
      const unmatched = new Set(found.unmatched.map(({ id }) => id));
      // Who lost a match to another's search in the last round is no worse off than one who was taken.
      return {
        proposals,
        unmatched: free.filter(({ id }) => unmatched.has(id)),
        taken: [...taken, ...free.filter(({ id }) => !unmatched.has(id))],
      };
    }
    serve = free;
    candidates = candidates.filter((ticket) => !store.isReserved(ticket));
  }
};

const hasRoom = async ({ commits, pause }: Pick<SearchDeps, "commits" | "pause">): Promise<boolean> => {
  for (let look = 0; look < LOOKS; look++) {
    if ((await commits.waiting()) < MAX_WAITING_COMMITS) return true;
    await pause(LOOK_AGAIN_MS);
  }
  return false;
};

const partition = <Item>(items: readonly Item[], belongs: (item: Item) => boolean): [Item[], Item[]] => {
  const [those, others]: [Item[], Item[]] = [[], []];
  for (const item of items) (belongs(item) ? those : others).push(item);
  return [those, others];
};
