import { type Queue, usesRoles, type WaitingTicket } from "@muster/core";
import { byAge, oldestFirst } from "./by-age.ts";
import { RepeatedIds } from "./repeated-ids.ts";
import { pickWaiting, Roster, type Waiting } from "./roster.ts";
import { unfitFor } from "./unfit-for.ts";

export interface Gathered {
  /** Oldest first. */
  readonly fit: Roster;
  readonly unfit: Waiting;
}

/** Of no more than these each is sooner compared with all others than put into a set. */
const FEW_PLAYERS = 8;
const NOBODY: Waiting = { tickets: [], served: new Uint8Array(0) };
/** Kept like `NOBODY` in find-duels.ts. */
const NO_PLAYERS = new RepeatedIds(0);

/**
 * The tickets to serve and the candidates as one list, each ticket once (see `oldestFirst`). Apart from it are the tickets
 * that no match of the queue may hold: those that suit no team (see `unfitFor`), that are empty, with numbers that are
 * none, or with a player who is in a newer ticket too. A player waits in one ticket at most, so the older one is what is
 * left of a cancelled or replaced ticket.
 */
export const gather = (
  queue: Queue,
  serve: readonly WaitingTicket[],
  candidates: readonly WaitingTicket[],
): Gathered => {
  const tickets = candidates.length === 0 ? serve : [...serve, ...candidates];
  const roster = new Roster({ tickets, served: new Uint8Array(tickets.length).fill(1, 0, serve.length) });
  const { isUnfit, anyUnfit, areInOrder, suspects } = lookAtAll(queue, roster);
  if (areInOrder && !anyUnfit && suspects.size === 0) return { fit: roster, unfit: NOBODY };

  const order = oldestFirst(roster);
  const suspected = order.filter((index) => suspects.has(index));
  for (const index of outdatedAmong(suspected, tickets)) isUnfit[index] = 1;
  const marked = (mark: number) => order.filter((index) => isUnfit[index] === mark);
  return { fit: roster.pick(marked(0)), unfit: pickWaiting(roster, marked(1)) };
};

/** One look at each ticket for everything that is asked of it (see `Roster`). */
const lookAtAll = (queue: Queue, roster: Roster) => {
  const { tickets } = roster;
  const plainSize = plainTeamSize(queue);
  const players = tickets.length === 0 ? NO_PLAYERS : new RepeatedIds(Math.min(queue.maxPartySize, 2) * tickets.length);
  const isUnfit = new Uint8Array(tickets.length);
  let anyUnfit = false;
  let areInOrder = true;
  let last: WaitingTicket | undefined;
  for (let index = 0; index < tickets.length; index++) {
    const ticket = tickets[index];
    if (ticket === undefined) continue;
    if (!look(ticket, index, roster, players, queue, plainSize)) {
      isUnfit[index] = 1;
      anyUnfit = true;
    }
    // Two copies of one ticket are in no order, nor is a time that is no number.
    if (areInOrder && last !== undefined && !(byAge(last, ticket) < 0)) areInOrder = false;
    last = ticket;
  }
  return { isUnfit, anyUnfit, areInOrder, suspects: players.suspects() };
};

/** Notes a ticket and its players. @returns whether it is fit by itself */
const look = (
  ticket: WaitingTicket,
  index: number,
  roster: Roster,
  seen: RepeatedIds,
  queue: Queue,
  plainSize: number,
): boolean => {
  const { players } = ticket;
  roster.note(index, ticket);
  for (let place = 0; place < players.length; place++) seen.add(players[place]?.id ?? "", index);
  return isFit(ticket, queue, plainSize);
};

const isFit = (ticket: WaitingTicket, queue: Queue, plainSize: number): boolean => {
  const { players, teams } = ticket;
  if (!isSound(ticket)) return false;
  return teams || plainSize === 0 ? unfitFor(queue, players, teams) === undefined : players.length <= plainSize;
};

/**
 * The largest team where nothing but its size decides whether a ticket suits it, so that a hundred thousand are spared the
 * closer look; else 0.
 */
const plainTeamSize = (queue: Queue): number =>
  Array.isArray(queue.teams) || usesRoles(queue) ? 0 : Math.max(...queue.teamShapes.map(({ max }) => max));

/** Whether its numbers are some, and its players different: one broken ticket must not fail the search for all others. */
export const isSound = ({ elo, tries, createdAt, players }: WaitingTicket): boolean => {
  if (!Number.isFinite(elo) || !Number.isFinite(createdAt) || !(tries >= 0) || players.length === 0) return false;
  for (let place = 0; place < players.length; place++) if (!Number.isFinite(players[place]?.elo)) return false;
  return players.length === 1 || areDifferent(players);
};

const areDifferent = (players: WaitingTicket["players"]): boolean => {
  if (players.length > FEW_PLAYERS) return new Set(players.map(({ id }) => id)).size === players.length;
  for (let place = 1; place < players.length; place++) {
    for (let other = 0; other < place; other++) if (players[place]?.id === players[other]?.id) return false;
  }
  return true;
};

/** @returns which of these share a player with a newer one of them */
const outdatedAmong = (indexes: Uint32Array, tickets: readonly WaitingTicket[]): Uint32Array => {
  const playersOf = (index: number) => tickets[index]?.players ?? [];
  /** Who holds each player last, in the order of age. */
  const newest = new Map<string, number>();
  for (const index of indexes) for (const { id } of playersOf(index)) newest.set(id, index);
  return indexes.filter((index) => playersOf(index).some(({ id }) => newest.get(id) !== index));
};
