import { gapAtMeanWait, mean, quantile } from "@muster/cli";
import type { Play } from "./play.ts";

/** All but `left` are null when nobody was paired. */
export interface Measured {
  /** The mean gap in those of a pairing in hindsight that may choose who waits, with the same mean wait. */
  ratio: number | null;
  /** In elo. */
  gapMean: number | null;
  waitMeanS: number | null;
  waitP50S: number | null;
  waitP95S: number | null;
  waitLongestS: number | null;
  /** Players who still waited at the end; they count nowhere else. */
  left: number;
}

export const measure = ({ matches, left }: Play): Measured => {
  const players = matches.flatMap(({ atMs, pair }) =>
    pair.map((comer) => ({ elo: comer.elo, fromMs: comer.atMs, toMs: atMs })),
  );
  const waitsS = players.map(({ fromMs, toMs }) => (toMs - fromMs) / 1_000);
  const gapMean = mean(matches.map(({ pair: [a, b] }) => Math.abs(a.elo - b.elo)));
  const hindsight = gapAtMeanWait(players);
  return {
    ratio: gapMean !== null && hindsight ? gapMean / hindsight : null,
    gapMean,
    waitMeanS: mean(waitsS),
    waitP50S: quantile(waitsS, 0.5),
    waitP95S: quantile(waitsS, 0.95),
    waitLongestS: quantile(waitsS, 1),
    left,
  };
};
