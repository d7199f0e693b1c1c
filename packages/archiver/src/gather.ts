import type { Match, StreamEvent, Ticket } from "@muster/core";
import type { Store } from "@muster/store";
import {
  type ScoreRow,
  type SessionPlayerRow,
  type SessionRow,
  type TicketRow,
  toEndedTicket,
  toMatchedTicket,
  toScores,
  toSession,
} from "./rows.ts";

/** What some events come to. */
export interface Batch {
  sessions: SessionRow[];
  players: SessionPlayerRow[];
  /** Of sessions that ended before. */
  scores: ScoreRow[];
  tickets: TicketRow[];
  /** Tickets and matches whose record was gone, so that their rows say less, or are missing. */
  incomplete: number;
}

type Records = Pick<Store, "readMatch" | "readTicket">;

/** Fetches the records that events tell of. Tickets are archived when they end: as matched, cancelled or expired. */
export const gather = async (events: readonly StreamEvent[], partition: string, store: Records): Promise<Batch> => {
  const batches = await Promise.all(events.map((each) => gatherOne(each, partition, store)));
  return {
    sessions: batches.flatMap(({ sessions = [] }) => sessions),
    players: batches.flatMap(({ players = [] }) => players),
    scores: batches.flatMap(({ scores = [] }) => scores),
    tickets: batches.flatMap(({ tickets = [] }) => tickets),
    incomplete: batches.reduce((sum, { incomplete = 0 }) => sum + incomplete, 0),
  };
};

const gatherOne = async ({ event }: StreamEvent, partition: string, store: Records): Promise<Partial<Batch>> => {
  switch (event.type) {
    case "matched":
    case "joined":
    // Until its match begins a ticket may still come back out of it.
    case "started":
      return matchedTickets(partition, await store.readMatch(event.match), store);
    case "cancelled":
    case "expired": {
      const ticket = await store.readTicket(event.ticket);
      return { tickets: [toEndedTicket(partition, event, ticket)], incomplete: ticket ? 0 : 1 };
    }
    case "ended":
    case "dissolved": {
      const match = await store.readMatch(event.match);
      const { session, players } = toSession(partition, event, match);
      return { sessions: [session], players, incomplete: match ? 0 : 1 };
    }
    case "reported": {
      const match = await store.readMatch(event.match);
      return match ? { scores: toScores(match) } : { incomplete: 1 };
    }
    default:
      return {};
  }
};

const matchedTickets = async (partition: string, match: Match | null, store: Records): Promise<Partial<Batch>> => {
  if (!match) return { incomplete: 1 };
  const players = [...match.teams.flatMap((team) => team.players), ...(match.left ?? [])];
  const ids = [...new Set(players.map((player) => player.ticket))];
  const tickets = await Promise.all(ids.map((id) => store.readTicket(id)));
  const rows = tickets.flatMap((ticket: Ticket | null) => (ticket && toMatchedTicket(partition, ticket)) ?? []);
  return { tickets: rows, incomplete: tickets.filter((ticket) => !ticket).length };
};
