import {
  type Explanation,
  effectiveTries,
  isDuel,
  type NearestMiss,
  type OpenMatch,
  type Queue,
  type RefusalCount,
  type WaitingTicket,
} from "@muster/core";
import { explainOpenMatches } from "./explain-open-matches.ts";
import { askedRules, type Refusal, refusalsBetween, type Side, sideOf } from "./explain-refusals.ts";
import { explainTeams } from "./explain-teams.ts";
import { criteriaNow, nextWidening, triesUntilCompatible } from "./explain-widening.ts";
import { leastPlayers } from "./split/split-rules.ts";
import { wideningTries } from "./widening-tries.ts";

export interface ExplanationRequest {
  readonly queue: Queue;
  readonly ticket: WaitingTicket;
  /** Other tickets that wait near it. May hold the ticket itself: it is left out. */
  readonly candidates: readonly WaitingTicket[];
  /** Matches near it that look for players. Absent: none. */
  readonly open?: readonly OpenMatch[];
  /** In ms since the epoch. */
  readonly now: number;
}

/** A candidate that is refused, or refuses. */
interface Miss {
  readonly other: WaitingTicket;
  readonly refusals: readonly Refusal[];
}

/**
 * Says why a ticket has no match yet. It holds the ticket against each candidate alone, as `compatible` does. So for
 * 1 against 1 it is the whole truth; a match of more tickets also needs these to accept one another, and teams whose
 * places, roles, parties and sums suit all: see `explainTeams`.
 */
export const explain = ({ queue, ticket, candidates, open = [], now }: ExplanationRequest): Explanation => {
  const triesOf = (each: WaitingTicket) => effectiveTries(queue, each, now);
  const own = sideOf(queue, ticket, triesOf(ticket));
  const others = newest(candidates).filter(({ id }) => id !== ticket.id);
  const misses = others
    .map((other): Miss => ({ other, refusals: refusalsBetween(queue, own, sideOf(queue, other, triesOf(other))) }))
    .filter(({ refusals }) => refusals.length > 0);
  const refused = new Set(misses.map(({ other }) => other));
  const compatible = others.filter((other) => !refused.has(other));
  return {
    tries: ticket.tries,
    waitedMs: Math.max(0, now - ticket.createdAt),
    expiresInMs: leftMs(queue, ticket, now),
    criteria: criteriaNow(queue, ticket, own.tries),
    candidates: others.length,
    compatible: compatible.length,
    players: {
      own: ticket.players.length,
      compatible: playersOf(compatible),
      needed: sum(leastPlayers(queue, own.comparable.criteria.openPlaces)),
    },
    ...(!isDuel(queue) && { teams: explainTeams({ queue, ticket, candidates: others }, now) }),
    ...(open.length > 0 && { openMatches: explainOpenMatches(queue, own, open, now) }),
    ...(queue.maxPartySize > 1 && { partySizes: countSizes(others, compatible) }),
    refusedByOwn: misses.filter(({ refusals }) => refusals.some((each) => each.own)).length,
    refusedByTheirs: misses.filter(({ refusals }) => refusals.some((each) => each.theirs)).length,
    refusals: count(queue, own, misses, triesOf),
    nearestMiss: nearestOf(queue, own, misses, now),
    nextWidening: nextWidening(queue, ticket, own.tries),
  };
};

/** Each ticket once, in its newest version. */
const newest = (tickets: readonly WaitingTicket[]): WaitingTicket[] => {
  const byId = new Map<string, WaitingTicket>();
  for (const ticket of tickets) {
    if (ticket.version >= (byId.get(ticket.id)?.version ?? 0)) byId.set(ticket.id, ticket);
  }
  return [...byId.values()];
};

const leftMs = ({ expireAfterMs }: Queue, { createdAt }: WaitingTicket, now: number): number =>
  Math.max(0, createdAt + expireAfterMs - now);

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const playersOf = (tickets: readonly WaitingTicket[]): number => sum(tickets.map(({ players }) => players.length));

const countSizes = (all: readonly WaitingTicket[], compatible: readonly WaitingTicket[]): PartySizeCount[] => {
  const ofSize = (tickets: readonly WaitingTicket[], size: number) =>
    tickets.filter(({ players }) => players.length === size).length;
  return [...new Set(all.map(({ players }) => players.length))]
    .sort((a, b) => a - b)
    .map((size) => ({ size, candidates: ofSize(all, size), compatible: ofSize(compatible, size) }));
};

type PartySizeCount = NonNullable<Explanation["partySizes"]>[number];

/** Widenings that counts are told for. */
const MAX_LATER = 8;

/** Two rules of one name are counted as one. */
const count = (
  queue: Queue,
  own: Side,
  misses: readonly Miss[],
  triesOf: (ticket: WaitingTicket) => number,
): RefusalCount[] => {
  const later = wideningTries(queue)
    .filter((atTry) => atTry > own.tries)
    .slice(0, MAX_LATER)
    .map((atTry) => {
      const then = sideOf(queue, own.ticket, atTry);
      const refusals = misses.map(({ other }) =>
        refusalsBetween(queue, then, sideOf(queue, other, triesOf(other) + atTry - own.tries)),
      );
      return { atTry, inMs: (atTry - own.tries) * queue.retryEveryMs, refusals };
    });
  const number = (holds: (refusals: readonly Refusal[]) => boolean) =>
    misses.filter(({ refusals }) => holds(refusals)).length;
  return askedRules(queue)
    .map((name) => ({
      rule: name,
      first: number(([first]) => first?.rule === name),
      all: number((refusals) => refusals.some(({ rule }) => rule === name)),
      byOwn: number((refusals) => refusals.some(({ rule, own }) => rule === name && own)),
      byTheirs: number((refusals) => refusals.some(({ rule, theirs }) => rule === name && theirs)),
      later: later.map(({ refusals, ...when }) => ({
        ...when,
        all: refusals.filter((each) => each.some(({ rule }) => rule === name)).length,
      })),
    }))
    .filter(({ all }) => all > 0);
};

const nearestOf = (queue: Queue, { ticket, tries }: Side, misses: readonly Miss[], now: number): NearestMiss | null => {
  const own = new Map<number, Side>();
  let nearest: (Miss & { more: number }) | undefined;
  for (const miss of misses) {
    const more = triesUntilCompatible(
      queue,
      [ticket, tries],
      [miss.other, effectiveTries(queue, miss.other, now)],
      own,
    );
    const inTime = more * queue.retryEveryMs < Math.min(leftMs(queue, ticket, now), leftMs(queue, miss.other, now));
    const candidate = { ...miss, more: inTime ? more : Infinity };
    if (!nearest || isNearer(ticket, candidate, nearest)) nearest = candidate;
  }
  if (!nearest) return null;
  const { other, refusals, more } = nearest;
  const passes = more === Infinity ? null : { atTry: tries + more, inMs: more * queue.retryEveryMs };
  return { ticket: other.id, refusals: [...refusals], passes };
};

const isNearer = ({ elo }: WaitingTicket, a: Miss & { more: number }, b: Miss & { more: number }): boolean => {
  if (a.more !== b.more) return a.more < b.more;
  if (a.refusals.length !== b.refusals.length) return a.refusals.length < b.refusals.length;
  const [farA, farB] = [Math.abs(a.other.elo - elo), Math.abs(b.other.elo - elo)];
  return farA !== farB ? farA < farB : a.other.id < b.other.id;
};
