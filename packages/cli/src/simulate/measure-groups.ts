import { winProbability } from "@muster/matching";
import { type RegionPing, regionPings } from "./chosen-region.ts";
import { type WaitCurve, waitCurve, waitPercentile } from "./kaplan-meier.ts";
import { mean, quantile, rounded } from "./numbers.ts";
import type { Life, SimulatedMatch } from "./simulate.ts";

/** Kaplan–Meier: those who expired or still wait count as waiting longer than they did. Null: nobody waited. */
export interface WaitFigures {
  p50: number | null;
  p90: number | null;
  p95: number | null;
  p99: number | null;
}

/** Per player, ms; null where no ping is known. */
export interface PingFigures {
  p50: number | null;
  p95: number | null;
}

/** What is told of a part of the tickets: of the matches they were in, each ticket's counted once. */
export interface GroupFigures {
  tickets: number;
  matched: number;
  expired: number;
  waitMs: WaitFigures;
  eloGapMean: number | null;
  /** Null where matches have one team; so the next two. */
  teamGapMean: number | null;
  /** Mean of |p − 0.5|. */
  winMeanAbsDev: number | null;
  premadeUnequalShare: number | null;
  /** To the match's region, and what of it is more than the player's own best. */
  pingMs: PingFigures;
  deltaPingMs: PingFigures;
}

/** What a match was like for those in it. */
export interface MatchFacts {
  readonly eloGap: number;
  /** Undefined: it has one team, and nobody to be compared with. */
  readonly teams?: { readonly gap: number; readonly winAbsDev: number; readonly areUnequal: boolean };
  readonly pings: ReadonlyMap<Life["members"][number], RegionPing>;
}

export const factsOf = (match: SimulatedMatch): MatchFacts => {
  const { teams, region } = match;
  const gap = teamGapOf(match);
  return {
    eloGap: eloGapOf(match),
    ...(teams.length > 1 && {
      teams: { gap, winAbsDev: winProbability(gap) - 0.5, areUnequal: hasUnequalPremades(match) },
    }),
    pings: regionPings(
      teams.flat().flatMap(({ members }) => members),
      region,
    ),
  };
};

/** @param facts of the match of each life that was matched */
export const groupFigures = (lives: readonly Life[], facts: ReadonlyMap<Life, MatchFacts>): GroupFigures => {
  const found = lives.flatMap((life) => facts.get(life) ?? []);
  const opposed = found.flatMap(({ teams }) => teams ?? []);
  const pings = lives.flatMap((life) => life.members.flatMap((member) => facts.get(life)?.pings.get(member) ?? []));
  return {
    tickets: lives.length,
    ...countOutcomes(lives),
    waitMs: waitFigures(waitCurve(waitsOf(lives))),
    eloGapMean: rounded(mean(found.map(({ eloGap }) => eloGap)), 2),
    teamGapMean: rounded(mean(opposed.map(({ gap }) => gap)), 2),
    winMeanAbsDev: rounded(mean(opposed.map(({ winAbsDev }) => winAbsDev)), 4),
    premadeUnequalShare: rounded(mean(opposed.map(({ areUnequal }) => (areUnequal ? 1 : 0))), 4),
    pingMs: pingFigures(pings.map(({ pingMs }) => pingMs)),
    deltaPingMs: pingFigures(pings.map(({ deltaMs }) => deltaMs)),
  };
};

/** The waits of lives, for `waitCurve`. */
export const waitsOf = (lives: readonly Life[]) =>
  lives.map(({ arrivedAtMs, endedAtMs, outcome }) => ({
    waitMs: endedAtMs - arrivedAtMs,
    matched: outcome === "matched",
  }));

export const countOutcomes = (lives: readonly Life[]): { matched: number; expired: number } => ({
  matched: lives.filter(({ outcome }) => outcome === "matched").length,
  expired: lives.filter(({ outcome }) => outcome === "expired").length,
});

export const SHARES = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 } as const;

export const waitFigures = (curve: WaitCurve): WaitFigures => {
  const at = (share: number) => rounded(waitPercentile(curve, share)?.waitMs ?? null, 0);
  return { p50: at(SHARES.p50), p90: at(SHARES.p90), p95: at(SHARES.p95), p99: at(SHARES.p99) };
};

export const pingFigures = (pings: readonly number[]): PingFigures => ({
  p50: rounded(quantile(pings, 0.5), 1),
  p95: rounded(quantile(pings, 0.95), 1),
});

export const eloGapOf = ({ teams }: SimulatedMatch): number => spread(teams.flat().map(({ elo }) => elo));

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
