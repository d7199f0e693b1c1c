import { type Proposal, type Queue, type Ticket, ticketElo, toWaiting } from "@muster/core";
import type { Redis } from "ioredis";
import { type CommitContext, type CommitOutcome, commitMatches } from "../matches/commit-matches.ts";
import type { Store } from "../store.ts";

/** A proposal that puts these tickets, in this order, into the queue's teams, each full before the next. */
export const proposalFor = (queue: Queue, id: string, tickets: readonly Ticket[]): Proposal => {
  const members = tickets.flatMap(({ id: ticket, players }) => players.map((player) => ({ player, ticket })));
  const teams = queue.teamShapes.map(({ name, min, max }) => {
    const here = members.splice(0, members.length >= max ? max : Math.max(min, members.length));
    const open = queue.backfill ? max - here.length : 0;
    const players = here.map(({ player, ticket }) => ({ id: player.id, elo: player.elo, ticket }));
    return { name, players, ...(open > 0 && { open }) };
  });
  return {
    ...{ id, queue: queue.name, teams, eloGap: 0, quality: 1 },
    tickets: tickets.map(({ id: ticket, version, createdAt, players }) => ({
      ...{ id: ticket, version, createdAt, elo: ticketElo(players), players: players.map((player) => player.id) },
    })),
    waiting: tickets.map((ticket) => ({ ...ticket, ...toWaiting(queue, ticket) })),
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
