import type { Queue } from "@muster/core";
import { winProbability } from "@muster/matching";
import { deltaPingsMs } from "./chosen-region.ts";
import { type WaitCurve, waitCurve, waitPercentile } from "./kaplan-meier.ts";
import { type MatchFigures, measureMatches } from "./measure-matches.ts";
import { mean, quantile, rounded } from "./numbers.ts";
import type { Life, SimulatedMatch, Simulation } from "./simulate.ts";

/** Kaplan–Meier: those who expired or still wait count as waiting longer than they did. Null: nobody waited. */
export interface WaitFigures {
  p50: number | null;
  p90: number | null;
  p95: number | null;
  p99: number | null;
}

/** What is told of a part of the tickets. */
export interface GroupFigures {
  tickets: number;
  matched: number;
  expired: number;
  waitMs: WaitFigures;
  /** Mean gap of the matches they were in. */
  eloGapMean: number | null;
}

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
   * Per player: ping to the match's region minus the ping to the player's own best. Where the queue doesn't use
   * regions, matching chooses none, and the simulator takes the one with the lowest worst ping.
   */
  deltaPingMs: { p50: number | null; p95: number | null };
  /** The highest of the elo deciles' median waits, divided by the median of the ten. */
  decileWaitRatio: number | null;
  /** Tenths of the tickets by elo, the lowest first. */
  byDecile: (GroupFigures & { decile: number; eloFrom: number; eloTo: number })[];
  byPartySize: (GroupFigures & { size: number })[];
}

const SHARES = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 } as const;
const DECILES = 10;

/** The waits of lives, for `waitCurve`. */
export const waitsOf = (lives: readonly Life[]) =>
  lives.map(({ arrivedAtMs, endedAtMs, outcome }) => ({
    waitMs: endedAtMs - arrivedAtMs,
    matched: outcome === "matched",
  }));

export const eloGapOf = ({ teams }: SimulatedMatch): number => spread(teams.flat().map(({ elo }) => elo));

/** What was simulated. */
export interface Measured extends Simulation {
  readonly queue: Queue;
  readonly forMs: number;
  /** A match that takes in players is over then. */
  readonly matchForMs: number;
}

/** Every figure of a run but those that need hindsight. */
export const measure = ({ queue, forMs, matchForMs, lives, matches, refused }: Measured): Figures => {
  const gaps = new Map<Life, number>();
  for (const match of matches) for (const life of match.teams.flat()) gaps.set(life, eloGapOf(match));
  const eloGaps = matches.map(eloGapOf);
  // One team has nobody to be compared with.
  const opposed = matches.filter(({ teams }) => teams.length > 1);
  const teamGaps = opposed.map(teamGapOf);
  const deltas = matches.flatMap(({ teams, region }) =>
    deltaPingsMs(
      teams.flat().flatMap(({ members }) => members),
      region,
    ),
  );
  const curve = waitCurve(waitsOf(lives));
  const byDecile = decilesOf(lives).map((tenth, index) => ({
    decile: index + 1,
    eloFrom: rounded(tenth[0]?.elo ?? 0, 1) ?? 0,
    eloTo: rounded(tenth.at(-1)?.elo ?? 0, 1) ?? 0,
    ...groupFigures(tenth, gaps),
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
    teamGap: { mean: rounded(mean(teamGaps), 2), p95: rounded(quantile(teamGaps, 0.95), 2) },
    winProbability: { meanAbsDev: rounded(mean(teamGaps.map((gap) => winProbability(gap) - 0.5)), 4) },
    premadeUnequalShare: rounded(mean(opposed.map((match) => (hasUnequalPremades(match) ? 1 : 0))), 4),
    ...measureMatches(queue, matches, ({ atMs }) => Math.min(forMs, atMs + matchForMs)),
    deltaPingMs: { p50: rounded(quantile(deltas, 0.5), 1), p95: rounded(quantile(deltas, 0.95), 1) },
    decileWaitRatio: rounded(worstToMedian(byDecile.map(({ waitMs }) => waitMs.p50)), 3),
    byDecile,
    byPartySize: sizes.map((size) => ({
      size,
      ...groupFigures(
        lives.filter(({ members }) => members.length === size),
        gaps,
      ),
    })),
  };
};

const groupFigures = (lives: readonly Life[], gaps: ReadonlyMap<Life, number>): GroupFigures => ({
  tickets: lives.length,
  ...countOutcomes(lives),
  waitMs: waitFigures(waitCurve(waitsOf(lives))),
  eloGapMean: rounded(
    mean(
      lives.flatMap((life) => {
        const gap = gaps.get(life);
        return gap === undefined ? [] : [gap];
      }),
    ),
    2,
  ),
});

const countOutcomes = (lives: readonly Life[]): { matched: number; expired: number } => ({
  matched: lives.filter(({ outcome }) => outcome === "matched").length,
  expired: lives.filter(({ outcome }) => outcome === "expired").length,
});

const waitFigures = (curve: WaitCurve): WaitFigures => {
  const at = (share: number) => rounded(waitPercentile(curve, share)?.waitMs ?? null, 0);
  return { p50: at(SHARES.p50), p90: at(SHARES.p90), p95: at(SHARES.p95), p99: at(SHARES.p99) };
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

const teamGapOf = ({ teams }: SimulatedMatch): number =>
  spread(teams.map((team) => mean(team.flatMap(({ members }) => members.map(({ elo }) => elo))) ?? 0));

const hasUnequalPremades = ({ teams }: SimulatedMatch): boolean => {
  const sizes = teams.map((team) =>
    team
      .map(({ members }) => members.length)
      .sort((a, b) => a - b)
      .join("+"),
  );
  return sizes.some((each) => each !== sizes[0]);
};

const spread = (values: readonly number[]): number => Math.max(...values) - Math.min(...values);
