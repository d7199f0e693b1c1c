import type { Queue } from "@muster/core";
import { waitCurve, waitPercentile } from "./kaplan-meier.ts";
import {
  countOutcomes,
  factsOf,
  type GroupFigures,
  groupFigures,
  type PingFigures,
  pingFigures,
  SHARES,
  type WaitFigures,
  waitFigures,
  waitsOf,
} from "./measure-groups.ts";
import { type MatchFigures, measureMatches } from "./measure-matches.ts";
import { mean, quantile, rounded } from "./numbers.ts";
import type { Life, Simulation } from "./simulate.ts";

export interface Figures extends MatchFigures {
  /** Tickets that were accepted: the sum of matched, expired and waiting. */
  arrived: number;
  matched: number;
  expired: number;
  waiting: number;
  /** Tickets that found the queue full. */
  refused: number;
  matches: number;
  waitMs: WaitFigures;
  /** The percentiles of `waitMs` that are the longest wait seen: the true figure is that or more. */
  waitAtLeast: string[];
  /** The largest difference between two tickets' elo in a match; 1 against 1: the difference of the two. */
  eloGap: { mean: number | null; p95: number | null };
  /** The largest difference between two teams' mean elo; null where matches have one team. */
  teamGap: { mean: number | null; p95: number | null };
  /** Mean of |p − 0.5|, p the chance of winning that elo gives the team with the higher mean. */
  winProbability: { meanAbsDev: number | null };
  /** Share of the matches whose teams are not made of parties of the same sizes. */
  premadeUnequalShare: number | null;
  /**
   * Per player: ping to the match's region. Where the queue doesn't use regions, matching chooses none, and the simulator
   * takes the one with the lowest worst ping.
   */
  pingMs: PingFigures;
  /** The same, minus the ping to the player's own best. */
  deltaPingMs: PingFigures;
  /** The highest of the elo deciles' median waits, divided by the median of the ten. */
  decileWaitRatio: number | null;
  /** Tenths of the tickets by elo, the lowest first. */
  byDecile: (GroupFigures & { decile: number; eloFrom: number; eloTo: number })[];
  byPartySize: (GroupFigures & { size: number })[];
}

const DECILES = 10;

/** What was simulated. */
export interface Measured extends Simulation {
  readonly queue: Queue;
  readonly forMs: number;
  /** A match that takes in players is over then. */
  readonly matchForMs: number;
}

/** Every figure of a run but those that need hindsight. */
export const measure = ({ queue, forMs, matchForMs, lives, matches, refused }: Measured): Figures => {
  const facts = new Map(matches.map((match) => [match, factsOf(match)]));
  const factsOfLife = new Map([...facts].flatMap(([{ teams }, fact]) => teams.flat().map((life) => [life, fact])));
  const eloGaps = [...facts.values()].map(({ eloGap }) => eloGap);
  const opposed = [...facts.values()].flatMap(({ teams }) => teams ?? []);
  const pings = [...facts.values()].flatMap((fact) => [...fact.pings.values()]);
  const curve = waitCurve(waitsOf(lives));
  const byDecile = decilesOf(lives).map((tenth, index) => ({
    decile: index + 1,
    eloFrom: rounded(tenth[0]?.elo ?? 0, 1) ?? 0,
    eloTo: rounded(tenth.at(-1)?.elo ?? 0, 1) ?? 0,
    ...groupFigures(tenth, factsOfLife),
  }));
  const sizes = [...new Set(lives.map(({ members }) => members.length))].sort((a, b) => a - b);
  return {
    arrived: lives.length,
    ...countOutcomes(lives),
    waiting: lives.filter(({ outcome }) => outcome === "waiting").length,
    refused,
    matches: matches.length,
    waitMs: waitFigures(curve),
    waitAtLeast: Object.entries(SHARES).flatMap(([name, share]) =>
      waitPercentile(curve, share)?.isLowerBound ? [name] : [],
    ),
    eloGap: { mean: rounded(mean(eloGaps), 2), p95: rounded(quantile(eloGaps, 0.95), 2) },
    teamGap: {
      mean: rounded(mean(opposed.map(({ gap }) => gap)), 2),
      p95: rounded(
        quantile(
          opposed.map(({ gap }) => gap),
          0.95,
        ),
        2,
      ),
    },
    winProbability: { meanAbsDev: rounded(mean(opposed.map(({ winAbsDev }) => winAbsDev)), 4) },
    premadeUnequalShare: rounded(mean(opposed.map(({ areUnequal }) => (areUnequal ? 1 : 0))), 4),
    ...measureMatches(queue, matches, ({ atMs }) => Math.min(forMs, atMs + matchForMs)),
    pingMs: pingFigures(pings.map(({ pingMs }) => pingMs)),
    deltaPingMs: pingFigures(pings.map(({ deltaMs }) => deltaMs)),
    decileWaitRatio: rounded(worstToMedian(byDecile.map(({ waitMs }) => waitMs.p50)), 3),
    byDecile,
    byPartySize: sizes.map((size) => ({
      size,
      ...groupFigures(
        lives.filter(({ members }) => members.length === size),
        factsOfLife,
      ),
    })),
  };
};

/** Ten groups of nearly equal size; none when there are too few lives for that. */
const decilesOf = (lives: readonly Life[]): Life[][] => {
  if (lives.length < DECILES) return [];
  const sorted = lives.toSorted((a, b) => a.elo - b.elo);
  const from = (decile: number) => Math.floor((decile * sorted.length) / DECILES);
  return Array.from({ length: DECILES }, (_, decile) => sorted.slice(from(decile), from(decile + 1)));
};

const worstToMedian = (medians: readonly (number | null)[]): number | null => {
  const known = medians.filter((median) => median !== null).sort((a, b) => a - b);
  const middle = mean([known[Math.floor((known.length - 1) / 2)] ?? 0, known[Math.floor(known.length / 2)] ?? 0]);
  const worst = known.at(-1);
  return worst === undefined || !middle ? null : worst / middle;
};
