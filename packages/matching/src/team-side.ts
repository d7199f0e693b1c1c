import type { WaitingTicket } from "@muster/core";
import type { TeamSizes } from "./pack-parties.ts";

/** A ticket as one piece of a team: it is never split. */
export interface Unit {
  readonly ticket: WaitingTicket;
  readonly size: number;
  readonly eloSum: number;
  /** Elo of its strongest player. */
  readonly best: number;
}

/** A team while it fills. The teams of a match have equal size, so equal sums of elo mean equal means. */
export interface Side {
  units: Unit[];
  open: number;
  eloSum: number;
  /** Elo of its strongest player; -Infinity while it is empty. */
  best: number;
}

export const toUnit = (ticket: WaitingTicket): Unit => {
  let eloSum = 0;
  let best = -Infinity;
  for (const { elo } of ticket.players) {
    eloSum += elo;
    best = Math.max(best, elo);
  }
  return { ticket, size: ticket.players.length, eloSum, best };
};

/** Strongest mean first; then the larger, then by id, so that the order is total. */
export const byStrength = (a: Unit, b: Unit): number =>
  b.eloSum / b.size - a.eloSum / a.size || b.size - a.size || (a.ticket.id < b.ticket.id ? -1 : 1);

export const emptySides = ({ count, size }: TeamSizes): Side[] =>
  Array.from({ length: count }, () => ({ units: [], open: size, eloSum: 0, best: -Infinity }));

export const put = (side: Side, unit: Unit): void => {
  side.units.push(unit);
  side.open -= unit.size;
  side.eloSum += unit.eloSum;
  side.best = Math.max(side.best, unit.best);
};

/** Largest difference between two teams. */
export const spreadOf = (sides: readonly Side[], what: "eloSum" | "best"): number => {
  let lowest = Infinity;
  let highest = -Infinity;
  for (const side of sides) {
    lowest = Math.min(lowest, side[what]);
    highest = Math.max(highest, side[what]);
  }
  return highest - lowest;
};
