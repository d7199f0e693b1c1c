import { isDuel, type Queue } from "@muster/core";
import { gapAtMeanWait } from "./mean-wait-optimum.ts";
import { eloGapOf } from "./measure-groups.ts";
import { mean, rounded } from "./numbers.ts";
import { pairWithHindsight } from "./optimum.ts";
import type { SimulatedMatch } from "./simulate.ts";

/** All are null for teams, and when nobody is matched. */
export interface Hindsight {
  /**
   * The run's mean elo gap divided by that of the pairing which hindsight would choose if each player waits no longer
   * than it did (see `pairWithHindsight`): at least this, for the optimum is approached from above.
   */
  optimumRatio: number | null;
  /** The mean elo gap of that pairing. */
  optimumGapMean: number | null;
  /** The same ratio if only the mean wait must be the run's (see `gapAtMeanWait`), on a part of the matches. */
  meanWaitOptimumRatio: number | null;
}

/** Of so many matches in a row, from the middle of the run: enough for a mean, and a second or two of work. */
const MEAN_WAIT_MATCHES = 4_000;

/** How far the matches of a queue of 1 against 1 are from what hindsight would choose. */
export const compareWithHindsight = (queue: Queue, matches: readonly SimulatedMatch[]): Hindsight => {
  if (!isDuel(queue) || matches.length === 0) {
    return { optimumRatio: null, optimumGapMean: null, meanWaitOptimumRatio: null };
  }
  const intervals = intervalsOf(matches);
  // The two of a match follow one another.
  const mates = pairWithHindsight(
    intervals,
    intervals.map((_, index) => index ^ 1),
  );
  const optimum = mean(
    intervals.map(({ elo }, index) => Math.abs(elo - (intervals[mates[index] ?? index]?.elo ?? elo))),
  );
  const from = Math.max(0, Math.floor((matches.length - MEAN_WAIT_MATCHES) / 2));
  const part = matches.slice(from, from + MEAN_WAIT_MATCHES);
  return {
    optimumRatio: ratio(meanGap(matches), optimum),
    optimumGapMean: rounded(optimum, 2),
    meanWaitOptimumRatio: ratio(meanGap(part), gapAtMeanWait(intervalsOf(part))),
  };
};

const intervalsOf = (matches: readonly SimulatedMatch[]) =>
  matches
    .flatMap(({ teams }) => teams.flat())
    .map(({ elo, arrivedAtMs, endedAtMs }) => ({ elo, fromMs: arrivedAtMs, toMs: endedAtMs }));

const meanGap = (matches: readonly SimulatedMatch[]): number | null => mean(matches.map(eloGapOf));

const ratio = (run: number | null, optimum: number | null): number | null =>
  run === null || !optimum ? null : rounded(run / optimum, 3);
