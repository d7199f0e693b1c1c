import type { Match, StreamEvent, Ticket } from "@muster/core";
import type { Told } from "./moves.ts";

/** Everything that there is to know when all is over. */
export interface History {
  told: readonly Told[];
  events: readonly StreamEvent[];
  tickets: ReadonlyMap<string, Ticket>;
  matches: ReadonlyMap<string, Match>;
  /** Rated matches by player, as Muster counts them. */
  ratedMatches: ReadonlyMap<string, number>;
}

/** Clocks of services agree to within this. */
const CLOCKS_MS = 100;

/** Decides from what was answered, what was written in the stream and what is left whether anything was lost or double. */
export const judge = (history: History): string[] => [
  ...ticketsEnded(history),
  ...cancelsHeld(history),
  ...commitsHeld(history),
  ...onceOver(history),
  ...neverInTwo(history),
  ...ratedOnce(history),
  ...oneLed(history),
];

/** Every accepted ticket ends as exactly one of matched, cancelled, expired. */
const ticketsEnded = ({ told, tickets }: History): string[] =>
  told.flatMap((each) => {
    if (each.kind !== "queued") return [];
    const status = tickets.get(each.ticket)?.status ?? "gone";
    return ["matched", "cancelled", "expired"].includes(status) ? [] : [`${each.ticket} ended as ${status}`];
  });

const cancelsHeld = ({ told, tickets }: History): string[] =>
  told.flatMap((each) => {
    if (each.kind !== "cancelled") return [];
    const status = tickets.get(each.ticket)?.status;
    return status === "cancelled" ? [] : [`${each.ticket} was cancelled, said the answer, and is ${status}`];
  });

const commitsHeld = ({ told, tickets, matches }: History): string[] =>
  told.flatMap((each) => {
    if (each.kind !== "committed") return [];
    const match = matches.get(each.match);
    if (!match) return [`match ${each.match} was committed and is not there`];
    const here = new Set(ticketsOf(match));
    return each.tickets.flatMap((ticket) => {
      if (!here.has(ticket)) return [`${ticket} was committed to ${match.id}, which doesn't know it`];
      const { status, match: last } = tickets.get(ticket) ?? {};
      // A match that dissolved gave its tickets back.
      return match.dissolved || (status === "matched" ? last === match.id : status === "cancelled")
        ? []
        : [`${ticket} was committed to ${match.id} and is ${status} in ${last}`];
    });
  });

/** A ticket is cancelled or expires once, a match ends or dissolves once. */
const onceOver = ({ events }: History): string[] => {
  const ends = new Map<string, number>();
  for (const { event } of events) {
    const over =
      event.type === "cancelled" || event.type === "expired"
        ? event.ticket
        : event.type === "ended" || event.type === "dissolved"
          ? event.match
          : undefined;
    if (over !== undefined) ends.set(over, (ends.get(over) ?? 0) + 1);
  }
  return [...ends].flatMap(([id, count]) => (count > 1 ? [`${id} is over ${count} times`] : []));
};

/** From its enqueue until it is free again, a player is in nothing else. */
const neverInTwo = ({ tickets, matches }: History): string[] => {
  const lives = new Map<string, { ticket: string; from: number; to: number }[]>();
  // Whoever leaves a match is free at once, whatever becomes of its party.
  const leftAt = new Map<string, number>();
  for (const { left = [] } of matches.values())
    for (const { id, ticket, at } of left) leftAt.set(`${id} ${ticket}`, at);
  for (const ticket of tickets.values()) {
    const match = ticket.status === "matched" ? matches.get(ticket.match ?? "") : undefined;
    for (const { id } of ticket.players) {
      const to = leftAt.get(`${id} ${ticket.id}`) ?? match?.endedAt ?? ticket.endedAt ?? Infinity;
      lives.set(id, [...(lives.get(id) ?? []), { ticket: ticket.id, from: ticket.createdAt, to }]);
    }
  }
  return [...lives].flatMap(([player, spans]) => {
    const sorted = spans.sort((a, b) => a.from - b.from || a.to - b.to);
    return sorted.flatMap((span, index) => {
      const next = sorted[index + 1];
      return next && span.to > next.from + CLOCKS_MS
        ? [`${player} is in ${span.ticket} and ${next.ticket} at once`]
        : [];
    });
  });
};

/** Each rated match changed the rating of each of its players once. */
const ratedOnce = ({ matches, ratedMatches }: History): string[] => {
  const played = new Map<string, number>();
  for (const match of matches.values()) {
    const players = [...match.teams.flatMap((team) => team.players), ...(match.left ?? [])];
    if (match.queue !== "rated" || !players.some(({ score }) => score !== undefined)) continue;
    const rated = players.filter((player) => !("reason" in player) || player.reason !== "noShow");
    for (const id of new Set(rated.map((player) => player.id))) played.set(id, (played.get(id) ?? 0) + 1);
  }
  const ids = new Set([...played.keys(), ...ratedMatches.keys()]);
  return [...ids].flatMap((id) => {
    const [expected, counted] = [played.get(id) ?? 0, ratedMatches.get(id) ?? 0];
    return expected === counted ? [] : [`${id} played ${expected} rated matches, of which ${counted} count`];
  });
};

/** From when a mover took the lease on, no other has committed. */
const oneLed = ({ events }: History): string[] => {
  let leader = "";
  return events.flatMap(({ event }) => {
    if (event.type === "led") leader = event.mover;
    const isFormer = (event.type === "matched" || event.type === "joined") && event.mover !== leader;
    return isFormer ? [`${event.mover} committed ${event.match} while ${leader} led`] : [];
  });
};

const ticketsOf = (match: Match): string[] =>
  [...match.teams.flatMap((team) => team.players), ...(match.left ?? [])].map(({ ticket }) => ticket);
