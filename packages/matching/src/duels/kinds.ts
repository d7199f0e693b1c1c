import { effectiveTries, type Queue, widensByTime } from "@muster/core";
import type { Criteria } from "../criteria.ts";
import { criteriaByTries } from "../criteria-by-tries.ts";
import type { Roster } from "../roster.ts";

/** What the tickets of a roster accept: a few kinds of criteria, which most of them share. */
export interface Kinds {
  readonly criteria: readonly Criteria[];
  /** For each ticket, which of these are its own. */
  readonly ofTicket: Uint16Array;
  /** Effective tries of each: see `effectiveTries`. */
  readonly tries: Float64Array;
}

/** @param now in ms since the epoch */
export const kindsOf = (queue: Queue, { tries: tried, createdAt }: Roster, now: number): Kinds => {
  const tries = widensByTime(queue)
    ? tried.map((each, index) => effectiveTries(queue, { tries: each, createdAt: createdAt[index] ?? 0 }, now))
    : tried;
  const criteriaOf = criteriaByTries(queue);
  const criteria: Criteria[] = [];
  const ofTicket = new Uint16Array(tries.length);
  let last: number | undefined;
  let kind = 0;
  for (let index = 0; index < tries.length; index++) {
    const own = tries[index] ?? 0;
    // Tickets that come together have often had as many tries.
    if (own !== last) {
      last = own;
      const its = criteriaOf(own);
      kind = criteria.indexOf(its);
      if (kind < 0) kind = criteria.push(its) - 1;
    }
    ofTicket[index] = kind;
  }
  return { criteria, ofTicket, tries };
};
