import { type Ids, isDuel, type OpenMatch, type Proposal, type Queue, type WaitingTicket } from "@muster/core";
import { byAge } from "./by-age.ts";
import { findPairs } from "./find-pairs.ts";
import { findTeamMatches } from "./find-team-matches.ts";
import { gather } from "./gather.ts";
import { buildLadder } from "./ladder.ts";
import { toProposal } from "./propose.ts";
import { proposeDuels } from "./propose-duels.ts";
import { separateUnfit } from "./separate-unfit.ts";

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
  /** For 1 against 1, the match of the oldest ticket first; for teams, that of the oldest served ticket. */
  readonly proposals: Proposal[];
  /** Served tickets without a match, oldest first. */
  readonly unmatched: WaitingTicket[];
}

/**
 * Finds matches around the tickets to serve, out of these and the candidates.
 *
 * Every match has exactly `teams.count` × `teams.size` players, holds at least one served ticket, and satisfies the
 * criteria of each of its tickets at that ticket's own tries (see `compatible`). No ticket is split or used twice, and
 * no player is used twice. For 1 against 1 the matches are chosen together, the closest first, unless a ticket has been
 * passed over for closer ones often enough (see `findPairs`). For teams the oldest served ticket is next, with the
 * tightest set around it. The result depends on the tickets only, not on their order.
 *
 * The work is bounded: n log n to sort, then at most a constant per served ticket (see `MAX_EXAMINED`). So a ticket may
 * stay unmatched although a match exists, but not while one is among its nearest neighbours in a queue of 1 against 1.
 */
export const findMatches = ({ queue, serve, candidates, now, ids }: Search): SearchResult => {
  const { fit, unfit } = separateUnfit(queue, gather(serve, candidates));
  const ladder = buildLadder(queue, fit, now);
  const proposals = isDuel(queue)
    ? proposeDuels(queue.name, ladder.oldestFirst, findPairs(ladder), ids)
    : findTeamMatches(queue, ladder.oldestFirst).map((match) => toProposal(ids.match(), queue.name, match));
  return {
    proposals,
    unmatched: [...ladder.oldestFirst.filter(({ free }) => free), ...unfit]
      .filter(({ served }) => served)
      .map(({ ticket }) => ticket)
      .sort(byAge),
  };
};
