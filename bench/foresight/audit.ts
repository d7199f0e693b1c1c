import type { Match } from "./play.ts";

/** How often a policy broke the rules of the game: in how many players, and in how many pairs. */
export const audit = (matches: readonly Match[]) => {
  const paired = matches.flatMap(({ pair }) => pair);
  return {
    pairedTwice: paired.length - new Set(paired).size,
    pairedBeforeArrival: matches.filter(({ atMs, pair }) => pair.some((comer) => comer.atMs > atMs)).length,
  };
};
