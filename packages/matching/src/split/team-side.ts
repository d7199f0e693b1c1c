import type { TeamShape, WaitingTicket } from "@muster/core";
import type { Criteria } from "../criteria.ts";
import type { RoleSeeker } from "./assign-roles.ts";

/** A ticket that is to be put in a team, with what it accepts. */
export interface Member {
  readonly ticket: WaitingTicket;
  readonly criteria: Criteria;
}

/** A ticket as one piece of a team: it is never split. */
export interface Unit {
  readonly ticket: WaitingTicket;
  readonly size: number;
  readonly eloSum: number;
  /** Elo of its strongest player. */
  readonly best: number;
  /** Whether its players may be given roles that they didn't list. */
  readonly autofill: boolean;
}

/** A team while it fills. */
export interface Side {
  readonly shape: TeamShape;
  /** Players with which it may begin. */
  readonly least: number;
  units: Unit[];
  size: number;
  eloSum: number;
  /** Elo of its strongest player; -Infinity while it is empty. */
  best: number;
}

export const toUnit = ({ ticket, criteria }: Member): Unit => {
  let eloSum = 0;
  let best = -Infinity;
  for (const { elo } of ticket.players) {
    eloSum += elo;
    best = Math.max(best, elo);
  }
  return { ticket, size: ticket.players.length, eloSum, best, autofill: criteria.autofill };
};

export const roleSeekersOf = ({ ticket, autofill }: Unit): RoleSeeker[] =>
  ticket.players.map(({ id, roles }) => ({ id, autofill, ...(roles && { roles }) }));

/** Strongest mean first; then the larger, then by id, so that the order is total. */
export const byStrength = (a: Unit, b: Unit): number =>
  b.eloSum / b.size - a.eloSum / a.size || b.size - a.size || (a.ticket.id < b.ticket.id ? -1 : 1);

export const emptySide = (shape: TeamShape, least: number): Side => ({
  shape,
  least,
  units: [],
  size: 0,
  eloSum: 0,
  best: -Infinity,
});

export const put = (side: Side, unit: Unit): void => {
  side.units.push(unit);
  side.size += unit.size;
  side.eloSum += unit.eloSum;
  side.best = Math.max(side.best, unit.best);
};

/** Whether a ticket may be in this team by its name. */
export const mayBeIn = ({ ticket }: Unit, { shape }: Side): boolean =>
  ticket.teams === undefined || ticket.teams.includes(shape.name);

/** Largest difference between two teams in some number. */
export const spreadOf = (sides: readonly Side[], what: (side: Side) => number): number => {
  let lowest = Infinity;
  let highest = -Infinity;
  for (const side of sides) {
    const value = what(side);
    if (value < lowest) lowest = value;
    if (value > highest) highest = value;
  }
  return highest - lowest;
};
