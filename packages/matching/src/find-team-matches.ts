import type { Queue } from "@muster/core";
import { assembleMatch } from "./assemble-match.ts";
import { take } from "./ladder.ts";
import type { FoundMatch } from "./propose.ts";
import { regionOf } from "./rules/terms.ts";
import type { Seeker } from "./seeker.ts";
import { splitTeams } from "./split-teams.ts";

/**
 * Full matches for teams: each served seeker, oldest first, gets the tightest set of others that is found around it.
 *
 * @param seekers all of one ladder, oldest first; those that are matched leave it
 */
export const findTeamMatches = (queue: Queue, seekers: readonly Seeker[]): FoundMatch[] => {
  const teams = { count: queue.teamShapes.length, size: queue.teamShapes[0]?.max ?? 1 };
  const withParties = seekers.some(({ size }) => size > 1);
  const matches: FoundMatch[] = [];
  for (const served of seekers) {
    if (!served.served || !served.free) continue;
    const members = assembleMatch(served, teams, withParties);
    if (!members) continue;
    const tickets = members.map(({ ticket }) => ticket);
    const split = splitTeams(teams, tickets);
    if (!split) continue;
    for (const member of members) take(member);
    const region = regionOf(members);
    matches.push({ tickets, split, ...(region !== undefined && { region }) });
  }
  return matches;
};
