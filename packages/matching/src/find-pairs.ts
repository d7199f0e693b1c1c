import { compatible } from "./compatible.ts";
import { take } from "./ladder.ts";
import { MAX_EXAMINED, NearestFirst } from "./nearest.ts";
import type { FoundMatch } from "./propose.ts";
import type { Seeker } from "./seeker.ts";
import { onePerTeam } from "./split-teams.ts";

/**
 * Matches for 1 against 1: each served seeker, oldest first, gets the compatible one nearest to its elo (ties: the
 * older).
 *
 * @param seekers all of one ladder, oldest first; those that are matched leave it
 */
export const findPairs = (seekers: readonly Seeker[]): FoundMatch[] => {
  const matches: FoundMatch[] = [];
  for (const served of seekers) {
    if (!served.served || !served.free) continue;
    const opponent = nearestCompatible(served);
    if (!opponent) continue;
    take(served);
    take(opponent);
    const tickets = [served.ticket, opponent.ticket];
    matches.push({ tickets, split: onePerTeam(tickets) });
  }
  return matches;
};

const nearestCompatible = (served: Seeker): Seeker | undefined => {
  const neighbours = new NearestFirst(served, MAX_EXAMINED);
  let other = neighbours.next();
  while (other && !compatible(served, other)) other = neighbours.next();
  return other;
};
