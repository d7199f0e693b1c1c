import { type Queue, usesRoles, type WaitingTicket } from "@muster/core";
import { byAge } from "./by-age.ts";
import type { Waiting } from "./gather.ts";
import { PlayerTable } from "./player-table.ts";
import { Roster, rosterOf } from "./roster.ts";
import { unfitFor } from "./unfit-for.ts";

/** Kept like `NOBODY` in find-duels.ts. */
const NO_PLAYERS = new PlayerTable(0);

/**
 * Sets apart the tickets that no match of the queue may hold: those that suit no team (see `unfitFor`), that are empty,
 * with numbers that are none, or with a player who is in a newer ticket too. A player waits in one ticket at most, so
 * the older one is what is left of a cancelled or replaced ticket.
 */
export const separateUnfit = (queue: Queue, waiting: Waiting): { fit: Roster; unfit: Waiting } => {
  const { tickets } = waiting;
  const plainSize = plainTeamSize(queue);
  const players = tickets.length === 0 ? NO_PLAYERS : new PlayerTable(tickets.length);
  const roster = new Roster(waiting);
  const isUnfit = new Uint8Array(tickets.length);
  let anyUnfit = false;
  for (let index = 0; index < tickets.length; index++) {
    const ticket = tickets[index];
    if (!ticket || look(ticket, index, roster, players, queue, plainSize)) continue;
    isUnfit[index] = 1;
    anyUnfit = true;
  }
  if (players.repeated.size > 0) {
    anyUnfit = true;
    const isOutdated = outdatedRule(tickets, players.repeated);
    for (const [index, ticket] of tickets.entries()) if (isOutdated(ticket)) isUnfit[index] = 1;
  }
  if (!anyUnfit) return { fit: roster, unfit: { tickets: [], served: new Uint8Array(0) } };
  return { fit: rosterOf(only(waiting, isUnfit, 0)), unfit: only(waiting, isUnfit, 1) };
};

/** All looks at a ticket and its players in one (see `Roster`). @returns whether it is fit by itself */
const look = (
  ticket: WaitingTicket,
  index: number,
  roster: Roster,
  seen: PlayerTable,
  queue: Queue,
  plainSize: number,
): boolean => {
  const { players, teams } = ticket;
  roster.note(index, ticket);
  for (let place = 0; place < players.length; place++) seen.add(players[place]?.id ?? "");
  if (!isSound(ticket)) return false;
  return teams || plainSize === 0 ? unfitFor(queue, players, teams) === undefined : players.length <= plainSize;
};

const only = ({ tickets, served }: Waiting, marks: Uint8Array, mark: number): Waiting => ({
  tickets: tickets.filter((_, index) => marks[index] === mark),
  served: served.filter((_, index) => marks[index] === mark),
});

/**
 * The largest team where nothing but its size decides whether a ticket suits it, so that a hundred thousand are spared the
 * closer look; else 0.
 */
const plainTeamSize = (queue: Queue): number =>
  Array.isArray(queue.teams) || usesRoles(queue) ? 0 : Math.max(...queue.teamShapes.map(({ max }) => max));

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
