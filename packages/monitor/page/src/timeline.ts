import type { Match, Ticket } from "@muster/core";
import type { TicketMoment } from "@muster/monitor/frames";

export interface Moment {
  at: number;
  what: string;
}

/**
 * What a player has been through with its ticket and match, the oldest first: as events told the monitor, and where it was
 * not there to hear them as the records tell.
 */
export const timelineOf = (
  player: string,
  heard: readonly TicketMoment[],
  ticket?: Ticket,
  match?: Match,
): Moment[] => {
  const moments = heard.map((moment) => ({ at: moment.at, what: toWords(moment, player, ticket?.queue) }));
  const has = (...types: string[]) => heard.some(({ type }) => types.includes(type));
  if (ticket) {
    if (!has("queued")) moments.push({ at: ticket.createdAt, what: `queued in ${ticket.queue}` });
    if (ticket.endedAt !== undefined && ticket.status !== "matched" && !has("cancelled", "expired")) {
      moments.push({ at: ticket.endedAt, what: ticket.reason ? `${ticket.status}: ${ticket.reason}` : ticket.status });
    }
  }
  if (match) {
    const left = match.left?.find(({ id }) => id === player);
    if (!has("matched", "joined")) moments.push({ at: match.createdAt, what: `matched in ${match.id}` });
    if (match.startedAt !== undefined && !has("started"))
      moments.push({ at: match.startedAt, what: "the match began" });
    if (left && !has("left")) moments.push({ at: left.at, what: `left it (${left.reason})` });
    if (match.endedAt !== undefined && !has("ended", "dissolved")) {
      moments.push({ at: match.endedAt, what: match.dissolved ? `it dissolved (${match.dissolved})` : "it ended" });
    }
  }
  return moments.sort((a, b) => a.at - b.at);
};

const WORDS: Readonly<Record<string, string>> = {
  queued: "queued",
  changed: "changed its parameters",
  disconnected: "lost its connection",
  reconnected: "is back",
  accepted: "accepted",
  declined: "declined",
  dissolved: "the match dissolved",
  started: "the match began",
  attended: "arrived",
  left: "left the match",
  backfill: "the match asks for players",
  opened: "the match looks for players",
  closed: "the match looks for players no more",
  ended: "the match ended",
};

const toWords = (moment: TicketMoment, self: string, queue: string | undefined): string => {
  const { type, player: who, match, matchmaker, reason } = moment;
  const by = matchmaker === undefined ? "" : `, found by ${matchmaker}`;
  if (type === "queued" && queue !== undefined) return `queued in ${queue}`;
  if (type === "matched") return `matched in ${match}${by}`;
  if (type === "joined") return `joined ${match}${by}`;
  const what = `${WORDS[type] ?? type}${reason === undefined ? "" : `: ${reason}`}`;
  return who === undefined || who === self ? what : `${who}: ${what}`;
};
