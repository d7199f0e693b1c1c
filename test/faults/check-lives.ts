import { type Match, playersOf } from "@muster/core";
import type { History, Violation, ViolationKind } from "./history.ts";

/**
 * Follows tickets and matches through the event stream, whose order is that in which Redis took each step: so no clock
 * decides here. Whoever waits or plays twice at once, if only for an instant, is found.
 */
export const checkLives = ({ events, left }: History): Violation[] => {
  const found: Violation[] = [];
  const find = (kind: ViolationKind, text: string) => found.push({ kind, text });
  /** How each ticket ended. */
  const ends = new Map<string, string>();
  /** The ticket that each player waits in, and the match that it is in. */
  const waits = new Map<string, string>();
  const plays = new Map<string, string>();
  const playersIn = (ticket: string) => left.tickets.get(ticket)?.players.map(({ id }) => id) ?? [];

  // By the doctor, who cancels what a lost match was made of: that is told by what else was lost.
  const mended = new Set(events.flatMap(({ event }) => (event.type === "mended" ? event.id : [])));

  const end = (ticket: string, how: string) => {
    const before = mended.has(ticket) ? undefined : ends.get(ticket);
    if (before !== undefined) find("two ends of one ticket", `${ticket} ended as ${before}, then as ${how}`);
    ends.set(ticket, how);
    for (const player of playersIn(ticket)) if (waits.get(player) === ticket) waits.delete(player);
  };
  const free = (match: string) => {
    for (const [player, its] of plays) if (its === match) plays.delete(player);
  };

  for (const { event } of events) {
    if (event.type === "queued") {
      // Again, after its match dissolved.
      ends.delete(event.ticket);
      for (const player of playersIn(event.ticket)) {
        const other = waits.get(player);
        if (other !== undefined && other !== event.ticket) {
          find("double ticket", `${player} waits in ${other} and ${event.ticket} at once`);
        }
        waits.set(player, event.ticket);
      }
    }
    if (event.type === "cancelled" || event.type === "expired") end(event.ticket, event.type);
    if (event.type === "matched" || event.type === "joined") {
      const match = left.matches.get(event.match);
      // Its tickets wait again, or are cancelled for who let it down: it was no end.
      if (match?.dissolved) continue;
      for (const ticket of event.tickets?.split(" ") ?? []) end(ticket, `matched in ${event.match}`);
      for (const player of playersTaken(event.tickets, match)) {
        const other = plays.get(player);
        if (other !== undefined && other !== event.match) {
          find("double match", `${player} is in ${other} and ${event.match} at once`);
        }
        plays.set(player, event.match);
      }
    }
    if (event.type === "ended" || event.type === "dissolved") free(event.match);
    if (event.type === "left" && event.player !== undefined) plays.delete(event.player);
  }
  return found;
};

const playersTaken = (tickets: string | undefined, match: Match | undefined): string[] => {
  if (!match || tickets === undefined) return [];
  const taken = new Set(tickets.split(" "));
  return [...playersOf(match), ...(match.left ?? [])].filter(({ ticket }) => taken.has(ticket)).map(({ id }) => id);
};
