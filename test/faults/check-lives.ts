import type { Match } from "@muster/core";
import type { History, Left, PartitionEvent, Violation, ViolationKind } from "./history.ts";
import { violation } from "./history.ts";
import { everyone } from "./players-in.ts";

/** A player was busy with something in a partition, from then to then: ms of Redis' clock. */
interface Span {
  player: string;
  partition: string;
  /** A ticket or a match. */
  what: string;
  from: number;
  to: number;
}

/**
 * Follows tickets and matches through each partition's event stream, whose order is that in which Redis took each step:
 * so no clock decides here. Whoever waits or plays twice at once, if only for an instant, is found. Between partitions
 * the times of entries decide, which are Redis' own.
 */
export const checkLives = ({ events, left }: History): Violation[] => {
  const streams = [...Map.groupBy(events, ({ partition }) => partition).values()];
  const followed = streams.map((entries) => followStream(entries, left));
  return [...followed.flatMap(({ found }) => found), ...inTwoPartitions(followed.flatMap(({ spans }) => spans))];
};

const followStream = (entries: readonly PartitionEvent[], left: Left): { found: Violation[]; spans: Span[] } => {
  const found: Violation[] = [];
  const spans: Span[] = [];
  const find = (kind: ViolationKind, text: string) => found.push(violation(kind, text));
  /** How each ticket ended. */
  const ends = new Map<string, string>();
  /** The match that a ticket is in which has not begun, and may give it back. */
  const pending = new Map<string, string>();
  const begun = new Set<string>();
  /** The ticket that each player waits in, and the match that it is in. */
  const waits = new Map<string, Span>();
  const plays = new Map<string, Span>();
  const playersIn = (ticket: string) => left.tickets.get(ticket)?.players.map(({ id }) => id) ?? [];

  // By the doctor, who cancels what a lost match was made of: that is told by what else was lost.
  const mended = new Set(entries.flatMap(({ event }) => (event.type === "mended" ? event.id : [])));

  const close = (open: Map<string, Span>, player: string, to: number) => {
    const span = open.get(player);
    if (span) spans.push({ ...span, to });
    open.delete(player);
  };
  const stopWaiting = (ticket: string, at: number) => {
    for (const player of playersIn(ticket)) if (waits.get(player)?.what === ticket) close(waits, player, at);
  };
  const end = (ticket: string, how: string) => {
    const before = mended.has(ticket) ? undefined : ends.get(ticket);
    if (before !== undefined) find("two ends of one ticket", `${ticket} ended as ${before}, then as ${how}`);
    ends.set(ticket, how);
    pending.delete(ticket);
  };
  const take = (ticket: string, match: Match | undefined, id: string) => {
    if (!match || begun.has(id) || match.startedAt === match.createdAt) end(ticket, `matched in ${id}`);
    else if (ends.has(ticket)) end(ticket, `matched in ${id}`);
    else pending.set(ticket, id);
  };

  for (const { event, partition, id: entry } of entries) {
    const at = Number(entry.split("-")[0]);
    if (event.type === "queued") {
      // Again, after its match dissolved.
      ends.delete(event.ticket);
      for (const player of playersIn(event.ticket)) {
        const other = waits.get(player)?.what;
        if (other !== undefined && other !== event.ticket) {
          find("double ticket", `${player} waits in ${other} and ${event.ticket} at once`);
        }
        if (other !== event.ticket)
          waits.set(player, { player, partition, what: event.ticket, from: at, to: Infinity });
      }
    }
    if (event.type === "cancelled" || event.type === "expired") {
      end(event.ticket, event.type);
      stopWaiting(event.ticket, at);
    }
    if (event.type === "matched" || event.type === "joined") {
      const match = left.matches.get(event.match);
      const tickets = event.tickets?.split(" ") ?? [];
      // Its tickets wait again, or are cancelled for who let it down: it was no end.
      if (match?.dissolved) continue;
      for (const ticket of tickets) {
        take(ticket, match, event.match);
        stopWaiting(ticket, at);
      }
      for (const player of playersTaken(tickets, match)) {
        const other = plays.get(player)?.what;
        if (other !== undefined && other !== event.match) {
          find("double match", `${player} is in ${other} and ${event.match} at once`);
        }
        plays.set(player, { player, partition, what: event.match, from: at, to: Infinity });
      }
    }
    if (event.type === "started") {
      begun.add(event.match);
      const isIn = (player: string) => plays.get(player)?.what === event.match;
      for (const [ticket, match] of pending) {
        // Of which nobody is left by now is cancelled, and told of as that in the same step.
        if (match === event.match && playersIn(ticket).some(isIn)) end(ticket, `matched in ${match}`);
      }
    }
    if (event.type === "ended" || event.type === "dissolved") {
      for (const [player, { what }] of plays) if (what === event.match) close(plays, player, at);
    }
    if (event.type === "left" && event.player !== undefined) {
      close(plays, event.player, at);
      // Also of a match that dissolved later: then it counts as waiting all the while.
      const waiting = waits.get(event.player)?.what;
      const match = left.matches.get(event.match);
      if (match && everyone(match).some(({ id, ticket }) => id === event.player && ticket === waiting)) {
        close(waits, event.player, at);
      }
    }
  }
  return { found, spans: [...spans, ...waits.values(), ...plays.values()] };
};

const playersTaken = (tickets: readonly string[], match: Match | undefined): string[] =>
  match ? everyone(match).flatMap(({ id, ticket }) => (tickets.includes(ticket) ? id : [])) : [];

const inTwoPartitions = (spans: readonly Span[]): Violation[] =>
  [...Map.groupBy(spans, ({ player }) => player)].flatMap(([player, all]) => {
    const latest = new Map<string, Span>();
    return all
      .sort((a, b) => a.from - b.from)
      .flatMap((span) => {
        const others = [...latest.values()].filter(
          ({ partition, to }) => partition !== span.partition && to > span.from,
        );
        if ((latest.get(span.partition)?.to ?? -1) < span.to) latest.set(span.partition, span);
        return others.map(({ what }) =>
          violation("in two partitions", `${player} is in ${what} and ${span.what} at once`),
        );
      });
  });
