import { type LeftPlayer, type Match, type MatchPlayer, playersOf } from "@muster/core";

/** Who is in a match or was. */
export const everyone = (match: Match): (MatchPlayer | LeftPlayer)[] => [...playersOf(match), ...(match.left ?? [])];

/** What a match's record says of what a player did in it. A player who left may be in it again, with another ticket. */
export const stateIn = (match: Match | undefined, player: string) => {
  const its = match ? everyone(match).filter(({ id }) => id === player) : [];
  return {
    accept: its.some(({ accepted }) => accepted === true),
    join: its.some(({ presence }) => presence !== undefined),
    leave: its.some(({ presence }) => presence === "LEFT"),
  };
};
