import { type Queue, usesRoles, type WaitingTicket } from "@muster/core";
import { byAge } from "./by-age.ts";
import type { Waiting } from "./gather.ts";
import { repeatedPlayers } from "./repeated-players.ts";
import { unfitFor } from "./unfit-for.ts";

/**
 * Sets apart the tickets that no match of the queue may hold: those that suit no team (see `unfitFor`), that are empty,
 * with numbers that are none, or with a player who is in a newer ticket too. A player waits in one ticket at most, so
 * the older one is what is left of a cancelled or replaced ticket.
 */
export const separateUnfit = (queue: Queue, waiting: readonly Waiting[]): { fit: Waiting[]; unfit: Waiting[] } => {
  const suitsQueue = suitsTeams(queue);
  const isOutdated = outdatedRule(waiting);
  const unfit: Waiting[] = [];
  const fit = waiting.filter((each) => {
    const { ticket } = each;
    const isFit = isSound(ticket) && suitsQueue(ticket) && !isOutdated?.(ticket);
    if (!isFit) unfit.push(each);
    return isFit;
  });
  return { fit, unfit };
};

/** Whether some team of the queue could hold a ticket. */
const suitsTeams = (queue: Queue): ((ticket: WaitingTicket) => boolean) => {
  const largest = Math.max(...queue.teamShapes.map(({ max }) => max));
  // Where nothing but its size matters, a hundred thousand tickets are spared the closer look.
  const isPlain = !Array.isArray(queue.teams) && !usesRoles(queue);
  return ({ players, teams }) =>
    isPlain && !teams ? players.length <= largest : unfitFor(queue, players, teams) === undefined;
};

/** One broken ticket must not fail the search for all others. */
const isSound = ({ elo, tries, createdAt, players }: WaitingTicket): boolean => {
  if (!Number.isFinite(elo) || !Number.isFinite(createdAt) || !(tries >= 0) || players.length === 0) return false;
  for (const player of players) if (!Number.isFinite(player.elo)) return false;
  return players.length === 1 || new Set(players.map(({ id }) => id)).size === players.length;
};

/** Tells whether a ticket shares a player with a newer one. Undefined when no player is shared, as nearly always. */
const outdatedRule = (waiting: readonly Waiting[]): ((ticket: WaitingTicket) => boolean) | undefined => {
  const repeated = repeatedPlayers(waiting);
  if (repeated.size === 0) return undefined;
  const newest = new Map<string, WaitingTicket>();
  for (const { ticket } of waiting) {
    for (const { id } of ticket.players) {
      if (!repeated.has(id)) continue;
      const known = newest.get(id);
      if (!known || byAge(known, ticket) < 0) newest.set(id, ticket);
    }
  }
  return (ticket) => ticket.players.some(({ id }) => repeated.has(id) && newest.get(id) !== ticket);
};
