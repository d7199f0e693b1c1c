import type { Queue, WaitingTicket } from "@muster/core";
import { findMatches } from "@muster/matching";

/** So many older tickets are held against one match, the oldest first. */
const MAX_OLDER = 10;

/**
 * Whether a match was given to a ticket although an older one of the same size waited that could have had its place: with
 * all others of the match it would have made a match too, at the same moment. The younger one may have suited better.
 *
 * @param left tickets near the match that wait on; only the 10 oldest count
 */
export const overtakes = (
  queue: Queue,
  members: readonly WaitingTicket[],
  left: readonly WaitingTicket[],
  now: number,
): boolean => {
  const youngestFirst = members.toSorted(byAge).reverse();
  const older = left
    .filter(({ createdAt }) => createdAt < (youngestFirst[0]?.createdAt ?? 0))
    .sort(byAge)
    .slice(0, MAX_OLDER);
  return older.some((ticket) => {
    const overtaker = youngestFirst.find(({ players }) => players.length === ticket.players.length);
    if (!overtaker || overtaker.createdAt <= ticket.createdAt) return false;
    const candidates = members.filter((member) => member !== overtaker);
    const { proposals } = findMatches({ queue, serve: [ticket], candidates, now, ids: { match: () => "instead" } });
    return proposals.some(({ tickets }) => tickets.length === members.length);
  });
};

const byAge = (a: WaitingTicket, b: WaitingTicket): number => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);
