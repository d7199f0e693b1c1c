import { PREMADE_LEVELS } from "@muster/core";

/** What the quality of a match is made of. */
export interface MatchFacts {
  /** Largest difference between two teams' strength, in elo: mean elo, with the handicap for a full party. */
  readonly strengthGap: number;
  /** Largest difference of elo between two of its tickets. */
  readonly eloSpread: number;
  /** Largest difference of average ping between players of different tickets; 0 when unknown. */
  readonly pingSpreadMs: number;
  /** A place in `PREMADE_LEVELS`. */
  readonly premade: number;
  /** From 0, everybody has the role of its first choice, to 1, nobody has one that it listed. */
  readonly roleFault: number;
  /** The longest wait among its tickets as a share of the time after which they expire, 0 to 1. */
  readonly waitedShare: number;
}

/** What each fault can take off. Balance first: it decides whether a match is worth playing. */
const WEIGHTS = { balance: 0.4, spread: 0.2, ping: 0.15, premade: 0.15, roles: 0.1 };

/** A difference of ping from which on it can't get worse. */
const WORST_PING_SPREAD_MS = 250;
const WORST_PREMADE = PREMADE_LEVELS.length - 1;

/**
 * The chance that elo gives the stronger side, from 0.5 up: 1 / (1 + 10^(−gap / 400)), the logistic form of Elo's
 * expected score (A. Elo, The Rating of Chessplayers, 1978).
 *
 * @param gap difference of strength in elo, ≥ 0
 */
export const winProbability = (gap: number): number => 1 / (1 + 10 ** (-gap / 400));

/** How lopsided a difference of elo is: 2 |p − ½|, from 0 to 1. */
const lopsided = (gap: number): number => (gap === 0 ? 0 : 2 * winProbability(gap) - 1);

/**
 * How good a match is, from 0 to 1:
 *
 *     quality = 1 − (1 − waitedShare²) × (0.4 balance + 0.2 spread + 0.15 ping + 0.15 premade + 0.1 roles)
 *
 * with each fault from 0 to 1: balance 2 |p − ½| for the teams' strengths, spread the same for the two tickets that are
 * farthest apart, ping the spread of 250 ms, premade the level of its parties, roles the share of wishes not met. The
 * longer its tickets have waited, the less its faults count: at their deadline any match is better than none.
 */
export const matchQuality = (facts: MatchFacts): number => {
  const faults =
    WEIGHTS.balance * lopsided(facts.strengthGap) +
    WEIGHTS.spread * lopsided(facts.eloSpread) +
    WEIGHTS.ping * Math.min(1, facts.pingSpreadMs / WORST_PING_SPREAD_MS) +
    WEIGHTS.premade * (facts.premade / WORST_PREMADE) +
    WEIGHTS.roles * facts.roleFault;
  const waited = Math.min(1, Math.max(0, facts.waitedShare));
  return 1 - (1 - waited * waited) * faults;
};

/** `matchQuality` of two solo tickets, whose spread is their gap. */
export const duelQuality = (eloGap: number, pingSpreadMs: number, waitedShare: number): number => {
  const faults =
    (WEIGHTS.balance + WEIGHTS.spread) * lopsided(eloGap) +
    WEIGHTS.ping * Math.min(1, pingSpreadMs / WORST_PING_SPREAD_MS);
  const waited = Math.min(1, Math.max(0, waitedShare));
  return 1 - (1 - waited * waited) * faults;
};

/** Quality as it is told: to three digits. */
export const toldQuality = (quality: number): number => Math.round(quality * 1_000) / 1_000;

/**
 * What a split takes off the quality of its match, apart from its parties: by this, splits of the same tickets are
 * compared. Without roles the lowest cost is the smallest gap.
 */
export const splitCost = (strengthGap: number, roleFault: number): number =>
  WEIGHTS.balance * lopsided(strengthGap) + WEIGHTS.roles * roleFault;
