import { PREMADE_LEVELS, type PremadeLevel, type Queue } from "@muster/core";
import { premadeLevel } from "@muster/matching";
import { waitCurve, waitPercentile } from "./kaplan-meier.ts";
import { mean, rounded } from "./numbers.ts";
import { playersOf, type SimulatedMatch } from "./simulate.ts";

/** What is told of whole matches beside their gaps. */
export interface MatchFigures {
  /** Mean quality, 0 to 1, as matching judged each match. */
  qualityMean: number | null;
  /** Share of the matches by how unlike the parties of their teams are; null without matches, or with one team. */
  premadeLevels: Record<PremadeLevel, number> | null;
  /** Null where the queue has no roles. */
  roles: RoleFigures | null;
  /**
   * Share of the sampled matches that took a younger ticket where an older one, compatible with all others and of the
   * same size, waited on: see `overtakes`. About a thousand matches of a run are sampled.
   */
  overtakes: { share: number | null; sampled: number };
  /** Matches by the players with whom they began, and have by the end; empty where all matches have the same size. */
  matchPlayers: { players: number; began: number; byTheEnd: number }[];
  /** How fast places that were open are taken; null where none are. */
  fill: FillFigures | null;
}

export interface RoleFigures {
  /** Share of the matched players, of those who listed roles, who got the first of them. */
  firstChoiceShare: number | null;
  /** Share who got a role that they didn't list. */
  autofilledShare: number | null;
}

export interface FillFigures {
  /** Share of the matches that were full at some time. */
  filledShare: number | null;
  /** From the begin of a match until it is full; those that end before count as taking longer (Kaplan–Meier). */
  fillMs: { p50: number | null; p90: number | null };
}

/** @param overAt when a match is over, or the run if that is sooner */
export const measureMatches = (
  queue: Queue,
  matches: readonly SimulatedMatch[],
  overAt: (match: SimulatedMatch) => number,
): MatchFigures => {
  const sampled = matches.flatMap(({ overtook }) => (overtook === undefined ? [] : [overtook]));
  const varies = queue.teamShapes.some(({ min, max }) => min < max);
  return {
    qualityMean: rounded(mean(matches.map(({ quality }) => quality)), 4),
    premadeLevels: premadeShares(queue, matches),
    roles: queue.teamShapes.some((shape) => shape.roles) ? roleFigures(matches) : null,
    overtakes: { share: shareOf(sampled, (overtook) => overtook), sampled: sampled.length },
    matchPlayers: varies ? countPlayers(matches) : [],
    fill: varies && queue.backfill ? fillFigures(matches, overAt) : null,
  };
};

const shareOf = <Item>(items: readonly Item[], holds: (item: Item) => boolean): number | null =>
  rounded(mean(items.map((item) => (holds(item) ? 1 : 0))), 4);

const premadeShares = (queue: Queue, matches: readonly SimulatedMatch[]): Record<PremadeLevel, number> | null => {
  if (matches.length === 0 || queue.teamShapes.length < 2) return null;
  const levels = matches.map(({ teams }) =>
    premadeLevel(
      queue,
      teams.map((team) => team.map(({ members }) => members.length)),
    ),
  );
  const share = (name: PremadeLevel) => shareOf(levels, (level) => PREMADE_LEVELS[level] === name) ?? 0;
  return { like: share("like"), near: share("near"), mixed: share("mixed"), any: share("any") };
};

const roleFigures = (matches: readonly SimulatedMatch[]): RoleFigures => {
  const places = matches.flatMap(({ teams, roles: given }) =>
    teams
      .flat()
      .flatMap(({ members }) => members)
      .flatMap(({ id, roles }) => (roles ? [roles.indexOf(given.get(id) ?? "")] : [])),
  );
  return {
    firstChoiceShare: shareOf(places, (place) => place === 0),
    autofilledShare: shareOf(places, (place) => place < 0),
  };
};

const countPlayers = (matches: readonly SimulatedMatch[]): MatchFigures["matchPlayers"] => {
  const sizes = new Set(matches.flatMap((match) => [match.beganWith, playersOf(match)]));
  return [...sizes]
    .sort((a, b) => a - b)
    .map((players) => ({
      players,
      began: matches.filter(({ beganWith }) => beganWith === players).length,
      byTheEnd: matches.filter((match) => playersOf(match) === players).length,
    }));
};

const fillFigures = (matches: readonly SimulatedMatch[], overAt: (match: SimulatedMatch) => number): FillFigures => {
  const curve = waitCurve(
    matches.map((match) => ({
      waitMs: (match.fullAtMs ?? overAt(match)) - match.atMs,
      matched: match.fullAtMs !== undefined,
    })),
  );
  const at = (share: number) => rounded(waitPercentile(curve, share)?.waitMs ?? null, 0);
  return {
    filledShare: shareOf(matches, ({ fullAtMs }) => fullAtMs !== undefined),
    fillMs: { p50: at(0.5), p90: at(0.9) },
  };
};
