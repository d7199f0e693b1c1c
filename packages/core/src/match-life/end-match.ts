import { MusterError } from "../errors.ts";
import type { Match } from "../match.ts";
import { type MatchChange, playersOf, refuseForming, withState } from "./change.ts";

/** How a match went, by its realm; both optional. */
export interface MatchResult {
  /** By player id: who has more did better. */
  readonly scores?: Readonly<Record<string, number>>;
  /** By team, all of them: 1 is the best, and equal places are a draw. They decide ratings, scores or not. */
  readonly places?: Readonly<Record<string, number>>;
}

/**
 * The end of a match, by its realm or by its time: all who are in it have played it, and are idle again.
 *
 * @throws MusterError INVALID for a score of somebody who never was in it, or places of other teams than it has; WRONG_STATE while it is forming
 */
export const endMatch = (match: Match, { scores = {}, places }: MatchResult, now: number): MatchChange | undefined => {
  if (match.state === "ended") return undefined;
  refuseForming(match, "It ends when one of them declines, or by its own end once it has begun.");
  refuseStrangers(match, scores);
  if (places) refuseOtherTeams(match, places);
  const scoreOf = (id: string) => (Object.hasOwn(scores, id) ? { score: scores[id] ?? 0 } : {});
  const { spectators: _, ...rest } = match;
  return {
    match: withState({
      ...rest,
      startedAt: match.startedAt ?? now,
      endedAt: now,
      teams: match.teams.map(({ name, players }) => ({
        name,
        players: players.map(({ joinBy: __, ...player }) => ({
          ...player,
          presence: "PLAYED" as const,
          ...scoreOf(player.id),
        })),
      })),
      ...(match.left && { left: match.left.map((player) => ({ ...player, ...scoreOf(player.id) })) }),
    }),
    events: [{ type: "ended" }],
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
    `Nothing was ended: ${faults.map(({ field }) => field).join(", ")} never was in it.`,
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
  throw new MusterError("INVALID", `Nothing was ended: ${faults[0].field} ${faults[0].message}.`, { faults });
};
