import { type Ids, isDuel, type OpenMatch, type Proposal, type Queue, type WaitingTicket } from "@muster/core";
import { byAge } from "./by-age.ts";
import { findDuels } from "./duels/find-duels.ts";
import { gather } from "./gather.ts";
import { areHopeless } from "./hopeless.ts";
import { fillOpenMatches } from "./joins/fill-open-matches.ts";
import { buildLadder, type Ladder } from "./ladder.ts";
import { type Roster, rosterOf } from "./roster.ts";
import { findTeamMatches } from "./teams/find-team-matches.ts";
import { toProposal } from "./teams/propose.ts";

export interface Search {
  readonly queue: Queue;
  /** Tickets to find a match for. */
  readonly serve: readonly WaitingTicket[];
  /** Other tickets that wait near them, to fill matches with. May repeat tickets of `serve`. */
  readonly candidates: readonly WaitingTicket[];
  /** Matches that look for players: those are filled before new ones are made. */
  readonly open?: readonly OpenMatch[];
  /** In ms since the epoch. */
  readonly now: number;
  readonly ids: Pick<Ids, "match">;
}

export interface SearchResult {
  /** Joins first; then, for 1 against 1, the match of the oldest ticket first, for teams as they were found. */
  readonly proposals: Proposal[];
  /** Served tickets without a match, oldest first. */
  readonly unmatched: WaitingTicket[];
}

/**
 * Finds matches around the tickets to serve, out of these and the candidates.
 *
 * Served tickets first join matches that look for players, where they fit. A new match has as many players in each team
 * as the queue and all its tickets accept, full ones first; it holds at least one served ticket, and satisfies the
 * criteria of each of its tickets at that ticket's own tries (see `compatible`). No ticket is split or used twice, and
 * no player is used twice. For 1 against 1 the matches are chosen together, the closest first, unless a ticket has been
 * passed over for closer ones often enough (see `findPairs`). For teams the oldest ticket is next, with the best match
 * that is found around it (see `findTeamMatches`). The result depends on the tickets only, not on their order.
 *
 * The work is bounded: n log n to sort, then at most a constant per served ticket (see `MAX_EXAMINED`). So a ticket may
 * stay unmatched although a match exists, but not while one is among its nearest neighbours in a queue of 1 against 1.
 */
export const findMatches = (search: Search): SearchResult => {
  const { queue, serve, candidates, open = [], now } = search;
  if (open.length === 0 && areHopeless(queue, serve, candidates, now)) {
    return { proposals: [], unmatched: serve.toSorted(byAge) };
  }
  return searchClosely(search);
};

/** `findMatches` without a glance beforehand: with the same result. */
export const searchClosely = ({ queue, serve, candidates, open = [], now, ids }: Search): SearchResult => {
  const { fit, unfit } = gather(queue, serve, candidates);
  const unmatchable = unfit.tickets.filter((_, index) => unfit.served[index] === 1);
  const ladder = isDuel(queue) && open.length === 0 ? undefined : buildLadder(queue, fit, now);
  const joins = ladder && open.length > 0 ? fillOpenMatches(queue, ladder.oldestFirst, open, now) : [];
  const { matches, left } =
    ladder && !isDuel(queue)
      ? findTeams(queue, ladder, now, ids)
      : findDuels(queue, ladder ? freeOf(ladder) : fit, now, ids);
  return {
    proposals: joins.length > 0 ? [...joins, ...matches] : matches,
    unmatched: unmatchable.length > 0 ? [...left, ...unmatchable].sort(byAge) : left,
  };
};

/** What one way of matching has found. */
export interface Found {
  readonly matches: Proposal[];
  /** Served tickets without a match, oldest first. */
  readonly left: WaitingTicket[];
}

const findTeams = (queue: Queue, ladder: Ladder, now: number, ids: Search["ids"]): Found => ({
  matches: findTeamMatches(queue, ladder, now).map((match) => toProposal(ids.match(), queue, match, now)),
  left: ladder.oldestFirst.filter(({ free, served }) => free && served).map(({ ticket }) => ticket),
});

/** Who is left on a ladder. */
const freeOf = ({ oldestFirst }: Ladder): Roster => {
  const free = oldestFirst.filter((seeker) => seeker.free);
  const served = Uint8Array.from(free, (seeker) => Number(seeker.served));
  return rosterOf({ tickets: free.map(({ ticket }) => ticket), served });
};
