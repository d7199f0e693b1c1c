import { type Queue, usesRoles, type WaitingTicket } from "@muster/core";
import { byAge } from "./by-age.ts";
import type { Waiting } from "./gather.ts";
import { PlayerTable } from "./player-table.ts";
import { unfitFor } from "./unfit-for.ts";

/**
 * Sets apart the tickets that no match of the queue may hold: those that suit no team (see `unfitFor`), that are empty,
 * with numbers that are none, or with a player who is in a newer ticket too. A player waits in one ticket at most, so
 * the older one is what is left of a cancelled or replaced ticket.
 *
 * One loop looks at all that is asked of a ticket and its players: of a hundred thousand, each look fetches them from
 * memory again.
 */
export const separateUnfit = (queue: Queue, waiting: Waiting): { fit: Waiting; unfit: Waiting } => {
  const { tickets } = waiting;
  const suitsQueue = suitsTeams(queue);
  const players = new PlayerTable(tickets.length);
  const isUnfit = new Uint8Array(tickets.length);
  let anyUnfit = false;
  for (let index = 0; index < tickets.length; index++) {
    const ticket = tickets[index];
    if (!ticket) continue;
    for (let place = 0; place < ticket.players.length; place++) players.add(ticket.players[place]?.id ?? "");
    if (isSound(ticket) && suitsQueue(ticket)) continue;
    isUnfit[index] = 1;
    anyUnfit = true;
  }
  if (players.repeated.size > 0) {
    anyUnfit = true;
    const isOutdated = outdatedRule(tickets, players.repeated);
    for (const [index, ticket] of tickets.entries()) if (isOutdated(ticket)) isUnfit[index] = 1;
  }
  if (!anyUnfit) return { fit: waiting, unfit: { tickets: [], served: new Uint8Array(0) } };
  return { fit: only(waiting, isUnfit, 0), unfit: only(waiting, isUnfit, 1) };
};

const only = ({ tickets, served }: Waiting, marks: Uint8Array, mark: number): Waiting => ({
  tickets: tickets.filter((_, index) => marks[index] === mark),
  served: served.filter((_, index) => marks[index] === mark),
});

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
  for (let place = 0; place < players.length; place++) if (!Number.isFinite(players[place]?.elo)) return false;
  return players.length === 1 || new Set(players.map(({ id }) => id)).size === players.length;
};

/** Tells whether a ticket shares a player with a newer one. */
const outdatedRule = (
  tickets: readonly WaitingTicket[],
  repeated: ReadonlySet<string>,
): ((ticket: WaitingTicket) => boolean) => {
  const newest = new Map<string, WaitingTicket>();
  for (const ticket of tickets) {
    for (const { id } of ticket.players) {
      if (!repeated.has(id)) continue;
      const known = newest.get(id);
      if (!known || byAge(known, ticket) < 0) newest.set(id, ticket);
    }
  }
  return (ticket) => ticket.players.some(({ id }) => repeated.has(id) && newest.get(id) !== ticket);
};
