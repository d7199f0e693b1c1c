import type { Queue, WaitingTicket } from "@muster/core";
import { byAge } from "./by-age.ts";
import type { Waiting } from "./gather.ts";
import { unfitFor } from "./unfit-for.ts";

/**
 * Sets apart the tickets that no match of the queue may hold (see `unfitFor`): larger than a team, empty, with numbers that are none,
 * or with a player who is in a newer ticket too. A player waits in one ticket at most, so the older one is what is left
 * of a cancelled or replaced ticket.
 */
export const separateUnfit = (queue: Queue, waiting: readonly Waiting[]): { fit: Waiting[]; unfit: Waiting[] } => {
  const isOutdated = outdatedRule(waiting);
  const isFit = ({ ticket }: Waiting): boolean =>
    isSound(ticket) && unfitFor(queue, ticket.players, ticket.teams) === undefined && !isOutdated?.(ticket);
  const fit = waiting.filter(isFit);
  // Nearly always nothing is wrong with any.
  return { fit, unfit: fit.length === waiting.length ? [] : waiting.filter((each) => !isFit(each)) };
};

/** One broken ticket must not fail the search for all others. */
const isSound = ({ elo, tries, createdAt, players }: WaitingTicket): boolean => {
  if (!Number.isFinite(elo) || !Number.isFinite(createdAt) || !(tries >= 0) || players.length === 0) return false;
  for (const player of players) if (!Number.isFinite(player.elo)) return false;
  return players.length === 1 || new Set(players.map(({ id }) => id)).size === players.length;
};

/** Tells whether a ticket shares a player with a newer one. Undefined when no player is shared, as nearly always. */
const outdatedRule = (waiting: readonly Waiting[]): ((ticket: WaitingTicket) => boolean) | undefined => {
  const seen = new Set<string>();
  let players = 0;
  for (const { ticket } of waiting) {
    players += ticket.players.length;
    for (const { id } of ticket.players) seen.add(id);
  }
  if (seen.size === players) return undefined;

  const newest = new Map<string, WaitingTicket>();
  for (const { ticket } of waiting) {
    for (const { id } of ticket.players) {
      const known = newest.get(id);
      if (!known || byAge(known, ticket) < 0) newest.set(id, ticket);
    }
  }
  return (ticket) => ticket.players.some(({ id }) => newest.get(id) !== ticket);
};
