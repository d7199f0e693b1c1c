import { MusterError } from "../errors.ts";
import type { Match } from "../match.ts";
import { type MatchChange, playersOf, refuseForming, ticketsGone, withoutPlayers, withState } from "./change.ts";

/** How a match went, by its realm; both optional. */
export interface MatchResult {
  /** By player id: who has more did better. */
  readonly scores?: Readonly<Record<string, number>>;
  /** By team, all of them: 1 is the best, and equal places are a draw. They decide ratings, scores or not. */
  readonly places?: Readonly<Record<string, number>>;
}

/**
 * The end of a match, by its realm or by its time: all who are in it have played it, but for those who were still
 * awaited, and are idle again. How it went is taken once, also later than its end: time, or the last one who left, may
 * have ended it before its realm could say.
 *
 * @returns undefined when there is nothing to change: it is over, and nothing new is told of it, or it never was played
 * @throws MusterError INVALID for a score of somebody who never was in it, or places of other teams than it has; WRONG_STATE while it is forming
 */
export const endMatch = (match: Match, result: MatchResult, now: number): MatchChange | undefined => {
  const { scores = {}, places } = result;
  const isNews = isTold(result) && !match.reported && match.dissolved === undefined;
  if (match.state === "ended" && !isNews) return undefined;
  refuseForming(match, "It ends when one of them declines, or by its own end once it has begun.");
  refuseStrangers(match, scores);
  if (places) refuseOtherTeams(match, places);
  if (match.state === "ended") return { match: withResult(match, result), events: [{ type: "reported" }] };

  const awaited = playersOf(match).filter(({ joinBy }) => joinBy !== undefined);
  const those = new Set(awaited.map(({ id }) => id));
  const there = those.size > 0 ? withoutPlayers({}, match, those, "noShow", now) : match;
  const { spectators: _, ...rest } = there;
  const over = withState({
    ...rest,
    startedAt: match.startedAt ?? now,
    endedAt: now,
    teams: there.teams.map(({ name, players }) => ({
      name,
      players: players.map((player) => ({ ...player, presence: "PLAYED" as const })),
    })),
  });
  return {
    match: withResult(over, result),
    events: [
      ...awaited.map(({ id }) => ({ type: "left", player: id }) as const),
      ...(match.startedAt === undefined ? [{ type: "started" } as const] : []),
      { type: "ended" },
    ],
    dropped: ticketsGone(match, there, "noShow"),
  };
};

const isTold = ({ scores, places }: MatchResult): boolean => scores !== undefined || places !== undefined;

/** A match with the scores of all who were in it, also of those who left; as it was when nothing is told of it. */
const withResult = (match: Match, result: MatchResult): Match => {
  if (!isTold(result)) return match;
  const { scores = {} } = result;
  const scored = <P extends { id: string }>(player: P) => ({
    ...player,
    ...(Object.hasOwn(scores, player.id) && { score: scores[player.id] ?? 0 }),
  });
  return {
    ...match,
    reported: true,
    teams: match.teams.map((team) => ({ ...team, players: team.players.map(scored) })),
    ...(match.left && { left: match.left.map(scored) }),
  };
};

const refuseStrangers = (match: Match, scores: Readonly<Record<string, number>>): void => {
  const known = new Set([...playersOf(match), ...(match.left ?? [])].map(({ id }) => id));
  const faults = Object.keys(scores)
    .filter((id) => !known.has(id))
    .map((id) => ({ field: `scores.${id}`, message: "never was in this match" }));
  if (faults.length === 0) return;
  throw new MusterError(
    "INVALID",
    `Nothing was taken: ${faults.map(({ field }) => field).join(", ")} never was in it.`,
    {
      faults,
    },
  );
};

const refuseOtherTeams = ({ teams }: Match, places: Readonly<Record<string, number>>): void => {
  const names = teams.map(({ name }) => name);
  const faults = [...new Set([...names, ...Object.keys(places)])]
    .filter((name) => !names.includes(name) || !Object.hasOwn(places, name))
    .map((name) => ({
      field: `places.${name}`,
      message: names.includes(name) ? "is missing" : "is no team of this match",
    }));
  if (!faults[0]) return;
  throw new MusterError("INVALID", `Nothing was taken: ${faults[0].field} ${faults[0].message}.`, { faults });
};
