import type { Person } from "../load/population.ts";

/** How a player sees the region of its match, ms. */
export interface RegionPing {
  readonly pingMs: number;
  /** What it loses by that region: its ping there minus its own best. */
  readonly deltaMs: number;
}

/**
 * The pings of a match's players to its region; a player whose ping there isn't known has none.
 *
 * @param region where matching placed it; absent: it chose none, and the fairest counts
 */
export const regionPings = (
  players: readonly Person[],
  region: string | undefined = fairestRegion(players),
): Map<Person, RegionPing> => {
  const pings = new Map<Person, RegionPing>();
  if (region === undefined) return pings;
  for (const player of players) {
    const pingMs = player.latencyMs?.[region];
    if (pingMs === undefined) continue;
    pings.set(player, { pingMs, deltaMs: pingMs - Math.min(...Object.values(player.latencyMs ?? {})) });
  }
  return pings;
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
