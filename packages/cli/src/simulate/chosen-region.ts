import type { Person } from "../load/population.ts";

/** What a match's players lose by its region, for each the ping there minus the player's own best, in ms. */
export const deltaPingsMs = (
  players: readonly Person[],
  region: string | undefined = fairestRegion(players),
): number[] => {
  if (region === undefined) return [];
  return players.flatMap(({ latencyMs = {} }) => {
    const ping = latencyMs[region];
    return ping === undefined ? [] : [ping - Math.min(...Object.values(latencyMs))];
  });
};

/**
 * The region with the lowest worst ping among the players; of equal ones that with the lowest sum, then the first. Only
 * regions to which all pings are known count.
 */
const fairestRegion = (players: readonly Person[]): string | undefined => {
  let chosen: string | undefined;
  let chosenWorst = Infinity;
  let chosenSum = Infinity;
  for (const region of Object.keys(players[0]?.latencyMs ?? {})) {
    let worst = 0;
    let sum = 0;
    for (const { latencyMs } of players) {
      const ping = latencyMs?.[region] ?? Infinity;
      worst = Math.max(worst, ping);
      sum += ping;
    }
    if (worst < chosenWorst || (worst === chosenWorst && sum < chosenSum)) {
      [chosen, chosenWorst, chosenSum] = [region, worst, sum];
    }
  }
  return chosen;
};
