import type { Queue } from "@muster/core";
import { type Ladder, take } from "../ladder.ts";
import { regionOf } from "../rules/terms.ts";
import type { Seeker } from "../seeker.ts";
import type { Assembled } from "./as-match.ts";
import { assembleMatch, findMatchAround } from "./assemble-match.ts";
import type { FoundMatch } from "./propose.ts";
import { isUrgent, type TeamSearch, teamSearch } from "./team-search.ts";

/**
 * Urgent tickets with anybody around them that are looked after in one pass; more of them means that the queue has too few
 * players.
 */
const MAX_URGENT = 16;
/** A match of an urgent ticket that is filled to this share is kept for it. */
const HELD_FROM_SHARE = 0.75;

/**
 * New matches for teams, in two parts.
 *
 * First the urgent tickets, oldest first, served or not: those that have used up a share of their time (see
 * `isUrgent`). Each gets the best match that is found around it. When only three quarters of its players are found, those
 * of them who aren't urgent are held: no other match of this pass takes them. So a younger ticket can't go on taking the
 * last places of an old one's match, and only as many are held as one match needs. Nobody is held where there are players
 * enough but no teams that suit them: one more would not help.
 *
 * Then each served seeker, oldest first, gets the best match that is found around it. Every match holds at least one
 * served ticket.
 *
 * @param ladder those that are matched leave it
 */
export const findTeamMatches = (queue: Queue, ladder: Ladder, now: number): FoundMatch[] => {
  const search = teamSearch(queue, ladder, now);
  const { oldestFirst: seekers } = ladder;
  const matches: FoundMatch[] = [];
  const found = (match: Assembled): void => {
    for (const member of match.members) take(member);
    matches.push(toFoundMatch(match));
  };

  let lookedAfter = 0;
  for (const urgent of seekers) {
    if (lookedAfter >= MAX_URGENT || !isUrgent(search, urgent)) break;
    if (!urgent.free || search.held.has(urgent)) continue;
    const { match, largest } = assembleMatch(search, urgent);
    if (largest.length > 1) lookedAfter++;
    if (match?.members.some(({ served }) => served)) found(match);
    else hold(search, largest);
  }
  for (const served of seekers) {
    if (!served.served || !served.free || search.held.has(served)) continue;
    const match = findMatchAround(search, served);
    if (match) found(match);
  }
  return matches;
};

const hold = (search: TeamSearch, members: readonly Seeker[]): void => {
  const players = members.reduce((sum, { size }) => sum + size, 0);
  if (players < HELD_FROM_SHARE * search.total || players >= search.total) return;
  for (const member of members) if (!isUrgent(search, member)) search.held.add(member);
};

const toFoundMatch = ({ members, split, quality }: Assembled): FoundMatch => {
  const region = regionOf(members);
  return { tickets: members.map(({ ticket }) => ticket), split, quality, ...(region !== undefined && { region }) };
};
