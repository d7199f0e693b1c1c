import type { Proposal, Queues } from "@muster/core";
import type { Logger } from "@muster/core/service";
import { type CommitJob, type CommitOutcome, commitMatches, FencedError, proposalsOf, type Store } from "@muster/store";
import type { CommitConnections } from "./commit-connections.ts";

export interface CommitDeps {
  store: Pick<Store, "keys" | "clock" | "retention" | "retryTickets" | "confirmCommit">;
  connections: Pick<CommitConnections, "use">;
  /** This mover's token. */
  fence: string;
  queues: Queues;
  stepDown: () => void;
  log: Logger;
}

/** WATCH costs quadratically: at 60 players some 25 µs; and the more matches a transaction has, the more often it aborts. */
const PLAYERS_PER_TRANSACTION = 60;
/** After this many aborts in a row the tickets go back to wait: somebody keeps changing them. */
const MAX_ATTEMPTS = 4;

/** What came of a job. */
export interface Committed {
  /** The proposals whose matches were made or joined. */
  committed: Proposal[];
  /** Proposals that could not be committed, by their queue. */
  conflicts: Map<string, number>;
}

/**
 * Commits a job's proposals, a few matches per transaction. One that conflicts is dropped whole and its tickets that
 * still wait are searched for again at once, without a try more: it was no fault of theirs. When a transaction aborts,
 * its matches are tried again one by one, so that one changed player doesn't cost the others their match.
 */
export const commit = async (deps: CommitDeps, job: CommitJob): Promise<Committed> => {
  const done: Committed = { committed: [], conflicts: new Map() };
  if (job.v !== 3) {
    deps.log.warn({ v: job.v }, "proposals of another version are left to the sweeper");
    return done;
  }
  for (const proposals of transactions(proposalsOf(job))) {
    const dropped = await commitTogether(deps, proposals, job.by);
    await releaseTickets(deps, dropped);
    for (const { queue } of dropped) done.conflicts.set(queue, (done.conflicts.get(queue) ?? 0) + 1);
    done.committed.push(...proposals.filter((proposal) => !dropped.includes(proposal)));
  }
  return done;
};

/** @returns the proposals that can't be committed */
const commitTogether = async (
  deps: CommitDeps,
  proposals: readonly Proposal[],
  foundBy: string | undefined,
): Promise<Proposal[]> => {
  const outcomes = await attempt(deps, proposals, foundBy);
  const dropped = proposals.filter((_, index) => outcomes[index] === "conflict");
  for (const proposal of proposals.filter((_, index) => outcomes[index] === "aborted")) {
    if (!(await commitAlone(deps, proposal, foundBy))) dropped.push(proposal);
  }
  return dropped;
};

const commitAlone = async (deps: CommitDeps, proposal: Proposal, foundBy: string | undefined): Promise<boolean> => {
  for (let tries = 1; tries < MAX_ATTEMPTS; tries++) {
    const [outcome] = await attempt(deps, [proposal], foundBy);
    if (outcome !== "aborted") return outcome === "committed";
  }
  return false;
};

/** One transaction; after a lost connection once more on a new one, which finds what the lost one has applied. */
const attempt = async (
  deps: CommitDeps,
  proposals: readonly Proposal[],
  foundBy: string | undefined,
): Promise<CommitOutcome[]> => {
  const run = () =>
    deps.connections.use(async (connection) => {
      const outcomes = await commitMatches(
        {
          connection,
          keys: deps.store.keys,
          fence: deps.fence,
          now: deps.store.clock.now(),
          retention: deps.store.retention,
          queue: (name) => deps.queues.get(name),
          ...(foundBy !== undefined && { foundBy }),
        },
        proposals,
      );
      if (outcomes.includes("committed")) await deps.store.confirmCommit(connection);
      return outcomes;
    });
  try {
    return await run().catch((error) => {
      if (error instanceof FencedError) throw error;
      deps.log.warn(
        { err: error, matches: proposals.map(({ id }) => id) },
        "a commit's outcome is unknown: asking again",
      );
      return run();
    });
  } catch (error) {
    if (error instanceof FencedError) deps.stepDown();
    throw error;
  }
};

const releaseTickets = async ({ store, log }: CommitDeps, dropped: readonly Proposal[]): Promise<void> => {
  const byQueue = Map.groupBy(dropped, (proposal) => proposal.queue);
  for (const [queue, proposals] of byQueue) {
    log.debug({ queue, matches: proposals.map(({ id }) => id) }, "proposals conflicted");
    const tickets = proposals.flatMap((proposal) => proposal.tickets);
    await store.retryTickets(queue, tickets, { dueAt: store.clock.now(), countTry: false });
  }
};

function* transactions(proposals: readonly Proposal[]): Generator<Proposal[]> {
  let together: Proposal[] = [];
  let players = 0;
  for (const proposal of proposals) {
    const more = proposal.tickets.reduce((sum, ticket) => sum + ticket.players.length, 0);
    if (together.length > 0 && players + more > PLAYERS_PER_TRANSACTION) {
      yield together;
      together = [];
      players = 0;
    }
    together.push(proposal);
    players += more;
  }
  if (together.length > 0) yield together;
}
