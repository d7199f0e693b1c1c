import type { Comparable } from "../compatible.ts";
import { type SharedThing, sharedThings } from "../rules/shared-things.ts";

/** A part of what a ticket accepts: bounds for the elo and the known pings of the others. */
export interface Window {
  readonly elo: Range;
  readonly pingMs: Range;
  /** Something that all in the window share: a region, a map. */
  readonly shared?: SharedThing;
}

type Range = readonly [from: number, to: number];

const ANYTHING: Range = [-Infinity, Infinity];
const EVERYTHING: Window = { elo: ANYTHING, pingMs: ANYTHING };

export const isWithin = ({ elo, pingMs, shared }: Window, other: Comparable): boolean =>
  other.elo >= elo[0] &&
  other.elo <= elo[1] &&
  other.pingMinMs >= pingMs[0] &&
  other.pingMaxMs <= pingMs[1] &&
  (shared === undefined || other.terms === undefined || shared(other.terms));

/**
 * Windows to search for a match around a ticket: first all that it accepts, then smaller ones, made as they are asked for.
 *
 * A ticket accepts others up to its spread on either side, so two that it accepts may be two spreads apart and refuse
 * each other. Inside a window one spread wide all whose spread is no narrower accept each other. Three such windows
 * (below, around, above) by elo and three by ping find the crowd when the nearest neighbours lead away from it. In the
 * same way it may share one region or one map with some, and another with others: one more window for each such thing.
 */
export function* windowsAround({ elo, pingMinMs, pingMaxMs, criteria, terms }: Comparable): Generator<Window> {
  yield EVERYTHING;
  const eloRanges = halves(elo - criteria.eloSpread, elo + criteria.eloSpread);
  const pingRanges = halves(pingMaxMs - criteria.pingSpreadMs, pingMinMs + criteria.pingSpreadMs);
  for (const eloRange of eloRanges) {
    for (const pingMs of pingRanges) if (eloRange !== ANYTHING || pingMs !== ANYTHING) yield { elo: eloRange, pingMs };
  }
  if (terms) for (const shared of sharedThings(terms)) yield { ...EVERYTHING, shared };
}

/** Everything, then the lower, middle and upper half of a range; an endless range has no halves. */
const halves = (from: number, to: number): Range[] => {
  const half = (to - from) / 2;
  if (!Number.isFinite(half)) return [ANYTHING];
  return [ANYTHING, [from, from + half], [from + half / 2, to - half / 2], [from + half, to]];
};
