import type { Match, Ticket } from "@muster/core";

export interface Moment {
  at: number;
  what: string;
}

/** What a player has been through with its ticket and match, as their records tell, the oldest first. */
export const timelineOf = (player: string, ticket?: Ticket, match?: Match): Moment[] => {
  const moments: Moment[] = [];
  if (ticket) {
    moments.push({ at: ticket.createdAt, what: `queued in ${ticket.queue}` });
    if (ticket.endedAt !== undefined && ticket.status !== "matched") {
      moments.push({ at: ticket.endedAt, what: ticket.reason ? `${ticket.status}: ${ticket.reason}` : ticket.status });
    }
  }
  if (match) {
    const left = match.left?.find(({ id }) => id === player);
    moments.push({ at: match.createdAt, what: `matched in ${match.id}` });
    if (match.startedAt !== undefined) moments.push({ at: match.startedAt, what: "the match began" });
    if (left) moments.push({ at: left.at, what: `left it (${left.reason})` });
    if (match.endedAt !== undefined) {
      moments.push({ at: match.endedAt, what: match.dissolved ? `it dissolved (${match.dissolved})` : "it ended" });
    }
  }
  return moments.sort((a, b) => a.at - b.at);
};
