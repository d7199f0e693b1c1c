import type { SplitRules } from "./split-rules.ts";
import { emptySide, mayBeIn, put, type Side, type Unit } from "./team-side.ts";

/** Teams while a draft fills them. */
export interface Seats {
  readonly sides: readonly Side[];
  /** For each team, the players that it is to get. */
  readonly planned: readonly number[];
  /** Tickets of each size in one team; undefined: as it comes. */
  readonly share: ReadonlyMap<number, number> | undefined;
  /** Mean elo of all players of the match. */
  readonly mean: number;
}

export const emptySeats = (rules: SplitRules, units: readonly Unit[]): Seats => {
  const { teamShapes } = rules.queue;
  return {
    sides: teamShapes.map((shape, index) => emptySide(shape, rules.least[index] ?? shape.min)),
    planned: plannedSizes(rules, units),
    share: rules.premade === 0 && rules.withParties ? sharePerTeam(units, teamShapes.length) : undefined,
    mean: sum(units, "eloSum") / sum(units, "size"),
  };
};

/** As even as their limits allow. */
const plannedSizes = ({ queue, least }: SplitRules, units: readonly Unit[]): number[] => {
  const planned = [...least];
  let left = sum(units, "size") - planned.reduce((total, each) => total + each, 0);
  while (left > 0) {
    let smallest = -1;
    for (const [index, { max }] of queue.teamShapes.entries()) {
      const size = planned[index] ?? 0;
      if (size < max && size < (planned[smallest] ?? Infinity)) smallest = index;
    }
    if (smallest < 0) break;
    planned[smallest] = (planned[smallest] ?? 0) + 1;
    left--;
  }
  return planned;
};

const sharePerTeam = (units: readonly Unit[], teams: number): Map<number, number> => {
  const share = new Map<number, number>();
  for (const { size } of units) share.set(size, (share.get(size) ?? 0) + 1 / teams);
  return share;
};

/** Whether a team takes a ticket, by its name and its places, whatever their roles. */
export const hasRoom = ({ sides, planned, share }: Seats, team: number, unit: Unit): boolean => {
  const side = sides[team];
  if (!side || side.size + unit.size > (planned[team] ?? 0) || !mayBeIn(unit, side)) return false;
  return !share || side.units.filter(({ size }) => size === unit.size).length < (share.get(unit.size) ?? 0);
};

/** What a team lacks, in elo per open place, to be as strong as the others. */
export const needOf = ({ sides, planned, mean }: Seats, team: number): number => {
  const { size, eloSum } = sides[team] ?? { size: 0, eloSum: 0 };
  const places = planned[team] ?? 0;
  return (mean * places - eloSum) / (places - size);
};

/**
 * Puts a ticket into a team.
 *
 * @returns takes it back, if it was the last one that was put there
 */
export const seat = ({ sides }: Seats, team: number, unit: Unit): (() => void) => {
  const side = sides[team];
  if (!side) return () => {};
  const { size, eloSum, best } = side;
  put(side, unit);
  return () => {
    side.units.pop();
    // From a copy, not by subtraction: sums of fractions would drift.
    Object.assign(side, { size, eloSum, best });
  };
};

const sum = (units: readonly Unit[], what: "eloSum" | "size"): number =>
  units.reduce((total, unit) => total + unit[what], 0);
