import { type Proposal, type ProposedTeam, type Queue, type Ticket, toWaiting } from "@muster/core";
import type { Redis } from "ioredis";
import { type CommitContext, type CommitOutcome, commitMatches } from "../matches/commit-matches.ts";
import type { Store } from "../store.ts";

/** A proposal that puts these tickets, in this order, into the queue's teams, each full before the next. */
export const proposalFor = (queue: Queue, id: string, tickets: readonly Ticket[]): Proposal => {
  let next = 0;
  const teams = queue.teamShapes.map(({ name, max }): ProposedTeam => {
    const here: number[] = [];
    let free = max;
    for (const { players } of tickets.slice(next)) {
      if (players.length > free) break;
      here.push(next++);
      free -= players.length;
    }
    return { name, tickets: here, ...(queue.backfill && free > 0 && { open: free }) };
  });
  return {
    ...{ id, queue: queue.name, teams, eloGap: 0, quality: 1 },
    tickets: tickets.map((ticket) => {
      const { id: name, version, tries, createdAt } = ticket;
      return { ...{ id: name, version, tries, createdAt }, ...toWaiting(queue, ticket) };
    }),
    ...(queue.backfill && { effectiveTries: tickets.map(({ tries }) => tries) }),
  };
};

/** Commits proposals as the leading mover does; the store's lease must be held by `fence`. */
export const commitAll = (
  { keys, clock, retention }: Store,
  connection: Redis,
  queues: ReadonlyMap<string, Queue>,
  proposals: readonly Proposal[],
  fence = "me",
): Promise<CommitOutcome[]> => {
  const context: CommitContext = {
    ...{ connection, keys, fence, now: clock.now(), retention },
    queue: (name) => queues.get(name),
  };
  return commitMatches(context, proposals);
};
