import type { MusterEvent } from "@muster/core";
import { LRUCache } from "lru-cache";
import type { TicketMoment } from "./frames.ts";

const MOMENTS_KEPT = 20;
/** Of tickets that wait no more; and matches whose tickets are known, to tell them of what happens in these. */
const GONE_KEPT = 10_000;

/** What happened to each ticket, as far as this has heard of it: of all that are shown, and of those that left last. */
export class TicketHistories {
  readonly #waiting = new Map<string, TicketMoment[]>();
  // No plain maps: the oldest of a map is found behind all places that were deleted before it.
  readonly #gone = new LRUCache<string, TicketMoment[]>({ max: GONE_KEPT });
  readonly #ticketsOf = new LRUCache<string, readonly string[]>({ max: GONE_KEPT });

  /** @param isShown whether a ticket waits, and is shown */
  note(event: MusterEvent, isShown: (ticket: string) => boolean): void {
    const tickets = this.#tickets(event);
    if (tickets.length === 0) return;
    const moment = toMoment(event);
    for (const id of tickets) {
      const waiting = this.#waiting.get(id);
      const gone = waiting ? undefined : this.#gone.get(id);
      const moments = waiting ?? gone ?? [];
      moments.push(moment);
      if (moments.length > MOMENTS_KEPT) moments.shift();
      if (isShown(id)) {
        if (!waiting) this.#waiting.set(id, moments);
        if (gone) this.#gone.delete(id);
      } else {
        if (waiting) this.#waiting.delete(id);
        if (!gone) this.#gone.set(id, moments);
      }
    }
  }

  /** The ticket is shown no more. */
  left(id: string): void {
    const moments = this.#waiting.get(id);
    if (!moments) return;
    this.#waiting.delete(id);
    this.#gone.set(id, moments);
  }

  /** The last of them, the oldest first; empty for a ticket of which nothing was heard. */
  of(id: string): readonly TicketMoment[] {
    return this.#waiting.get(id) ?? this.#gone.get(id) ?? [];
  }

  #tickets(event: MusterEvent): readonly string[] {
    if ("ticket" in event && event.ticket !== undefined) return [event.ticket];
    if (!("match" in event) || event.match === undefined) return [];
    const known = this.#ticketsOf.get(event.match) ?? [];
    if (event.type !== "matched" && event.type !== "joined") return known;
    const tickets = ticketsOfEvent(event);
    this.#ticketsOf.set(event.match, [...known, ...tickets]);
    return tickets;
  }
}

/** Those that went into a match; none when the event's writer did not tell. */
export const ticketsOfEvent = ({ tickets }: { tickets?: string }): string[] => tickets?.split(" ") ?? [];

const toMoment = (event: MusterEvent): TicketMoment => {
  const { type, at } = event;
  const { player, match, matchmaker, reason } = event as Omit<TicketMoment, "type" | "at">;
  const moment: TicketMoment = { type, at };
  // Assigned one by one, not spread: every ticket comes through here.
  if (player !== undefined) moment.player = player;
  if (match !== undefined) moment.match = match;
  if (matchmaker !== undefined) moment.matchmaker = matchmaker;
  if (reason !== undefined) moment.reason = reason;
  return moment;
};
