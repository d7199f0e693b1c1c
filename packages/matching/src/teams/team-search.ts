import { matchSize, type Queue } from "@muster/core";
import type { Ladder } from "../ladder.ts";
import type { Seeker } from "../seeker.ts";
import { areTeamsPlain } from "../split/split-solos.ts";
import { type Composition, compositionsOf } from "./compositions.ts";
import { needsSlots, type Slots, slotsOf } from "./slot-fitter.ts";

/** What one pass over a team queue knows from the start, and whom it holds back. */
export interface TeamSearch {
  readonly queue: Queue;
  /** In ms since the epoch. */
  readonly now: number;
  /** Players of a full match. */
  readonly total: number;
  readonly withParties: boolean;
  /** Nothing but elo tells full teams apart: see `splitSolos`. */
  readonly isPlain: boolean;
  /** Undefined: places are alike for everybody. */
  readonly slots: Slots | undefined;
  readonly compositions: readonly Composition[] | undefined;
  /** Kept for an urgent ticket's match, so that no other takes them. */
  readonly held: Set<Seeker>;
  /** Whether those around the last ticket that was asked about can't have the places of a match. */
  lackedPlaces: boolean;
}

export const teamSearch = (queue: Queue, { withParties, withNames }: Ladder, now: number): TeamSearch => {
  return {
    queue,
    now,
    total: matchSize(queue),
    withParties,
    isPlain: !withParties && !withNames && areTeamsPlain(queue),
    slots: needsSlots(queue, withNames) ? slotsOf(queue) : undefined,
    compositions: withParties ? compositionsOf(queue) : undefined,
    held: new Set(),
    lackedPlaces: false,
  };
};

const URGENT_AFTER_SHARE = 0.5;

/** Whether a ticket has used up so much of its time that it is served before others. */
export const isUrgent = ({ queue, now }: Pick<TeamSearch, "queue" | "now">, { ticket }: Seeker): boolean =>
  waitedShare(queue, ticket.createdAt, now) >= (queue.urgentAfterShare ?? URGENT_AFTER_SHARE);

/** The time that a ticket has waited as a share of the time after which it expires. */
export const waitedShare = ({ expireAfterMs }: Queue, createdAt: number, now: number): number =>
  Math.max(0, now - createdAt) / expireAfterMs;
