import type { PlayerStateName } from "@muster/core";
import type { Competitor } from "./match-book.ts";

export type Outcome = "matched" | "cancelled" | "expired";

/** A player's way through one enqueue. The ledger tells how it goes. */
export interface Life {
  readonly competitor: Competitor;
  /** The ticket of the same player's life before this one. */
  readonly previousTicket: string | undefined;
  enqueue: "sent" | "accepted" | "refused" | "unknown";
  /** When the answer came; absent when it was accepted by an answer that was lost. */
  acceptedAt?: number;
  ticket?: string;
  cancel: "none" | "asked" | "answered" | "unknown";
  outcome?: Outcome;
  match?: string;
  /** An `inmatch` frame of its match came. */
  toldOfMatch: boolean;
  /** The newest state seen of it; absent before the first. */
  seen?: PlayerStateName;
  /** The server said that the ticket still waits. */
  readAsWaiting: boolean;
  /** Its outcome is in the counts. */
  counted: boolean;
}

export const newLife = (competitor: Competitor, previous: Life | undefined): Life => ({
  competitor,
  previousTicket: previous?.ticket ?? previous?.previousTicket,
  enqueue: "sent",
  cancel: "none",
  toldOfMatch: false,
  readAsWaiting: false,
  counted: false,
});

/** Accepted, and without an outcome. */
export const isOpen = (life: Life): boolean => life.enqueue === "accepted" && life.outcome === undefined;

/** In nothing any more, as far as was seen. */
export const isOver = (life: Life): boolean => life.enqueue === "refused" || (life.counted && life.seen === "idle");
