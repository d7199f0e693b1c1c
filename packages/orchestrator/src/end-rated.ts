import { endMatch, type Match, type MatchResult, type Queue } from "@muster/core";
import { rate } from "@muster/ratings";
import { type RatedChange, ratingText, type Store } from "@muster/store";

/**
 * The end of a match and, in a queue with ratings, the new ones of all who played or left it. Both are written together,
 * and only if no rating was written in between: so each match counts once, however often its end is told.
 *
 * A player who left counts with its team, as that fared. Without a word on how it went, no rating changes.
 */
export const endRated = async (
  store: Pick<Store, "readRatings">,
  queue: Queue,
  match: Match,
  { scores, places }: MatchResult,
  now: number,
): Promise<RatedChange | undefined> => {
  const change = endMatch(match, { ...(scores && { scores }), ...(places && { places }) }, now);
  if (!change || !queue.ratings || !(scores || places)) return change;
  const teams = change.match.teams.map(({ name, players }) => {
    const left = (change.match.left ?? []).filter(({ team, reason }) => team === name && reason !== "noShow");
    return [...new Set([...players, ...left].map(({ id }) => id))];
  });
  const kept = await store.readRatings([...new Set(teams.flat())], queue.name);
  const results = places
    ? { places: change.match.teams.map(({ name }) => places[name] ?? 0) }
    : { scores: scores ?? {} };
  const rated = rate(
    queue.ratings,
    teams.map((team) => team.map((id) => ({ id, rating: kept.get(id)?.rating }))),
    results,
  );
  const ratings = [...rated].map(([player, rating]) => {
    const was = kept.get(player)?.text ?? undefined;
    return { player, text: ratingText(rating), ...(was !== undefined && { was }) };
  });
  return { ...change, ratings };
};
