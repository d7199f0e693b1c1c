import { initialElo, type Rating, type RatingsDefinition } from "@muster/core";
import { rateByElo } from "./rate-by-elo.ts";
import { rateByOpenSkill } from "./rate-by-openskill.ts";

/** A player of a match with its rating so far; absent: this is its first rated match. */
export interface RatedPlayer {
  readonly id: string;
  readonly rating?: Rating | undefined;
}

/**
 * How a match ended: either points by player, more is better, or for each team its place, less is better. Equal scores
 * or places are a draw. A team's score is the sum of its players'; a player without one counts 0.
 */
export type Results = { readonly scores: Readonly<Record<string, number>> } | { readonly places: readonly number[] };

/** A team whose players all have ratings, as the systems take it. */
export type RatedTeam = readonly { readonly id: string; readonly rating: Rating }[];

/**
 * The ratings after a match. Rating one match twice moves ratings twice: that each counts once is its caller's concern.
 *
 * @param teams at least two; a team that nobody is left in is passed over
 * @returns a new rating for each player, by id; none at all when fewer than two teams have players
 * @throws RangeError when places are given for another number of teams
 */
export const rate = (
  definition: RatingsDefinition,
  teams: readonly (readonly RatedPlayer[])[],
  results: Results,
): Map<string, Rating> => {
  if ("places" in results && results.places.length !== teams.length) {
    throw new RangeError(`there are ${results.places.length} places for ${teams.length} teams: give one for each`);
  }
  const outcomes = teams.map((team, index) => outcomeOf(team, results, index));
  const played = teams.flatMap((team, index) => {
    const outcome = outcomes[index];
    if (team.length === 0 || outcome === undefined) return [];
    return [{ outcome, players: team.map(({ id, rating }) => ({ id, rating: rating ?? newRating(definition) })) }];
  });
  if (played.length < 2) return new Map();
  const system = definition.system === "elo" ? rateByElo : rateByOpenSkill;
  return system(
    definition,
    played.map(({ players }) => players),
    played.map(({ outcome }) => outcome),
  );
};

/** More is better, whichever way the results were given. */
const outcomeOf = (team: readonly RatedPlayer[], results: Results, index: number): number | undefined => {
  if ("scores" in results) return team.reduce((sum, { id }) => sum + scoreOf(results.scores, id), 0);
  const place = results.places[index];
  return place === undefined ? undefined : -place;
};

/** Ids come from realms: one that is the name of something that every object has must not be taken for a score. */
const scoreOf = (scores: Readonly<Record<string, number>>, id: string): number =>
  Object.hasOwn(scores, id) ? (scores[id] ?? 0) : 0;

const newRating = (definition: RatingsDefinition): Rating => ({ elo: initialElo(definition), matches: 0 });
