import type { MatchView } from "./frames.ts";

/** Each once, as it is now, the newest first: a match that changes stays where it is. */
export const withMatches = (all: readonly MatchView[], some: readonly MatchView[], most: number): MatchView[] => {
  const byId = new Map(some.map((match) => [match.id, match]));
  const kept = all.filter(({ id }) => !byId.has(id));
  return [...kept, ...byId.values()].sort((one, other) => other.createdAt - one.createdAt).slice(0, most);
};
