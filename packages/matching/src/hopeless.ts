import { effectiveTries, type Queue, type WaitingTicket } from "@muster/core";
import { type Comparable, compatible } from "./compatible.ts";
import { criteriaByTries } from "./criteria-by-tries.ts";
import { isSound } from "./gather.ts";
import { pingRangeOf } from "./seeker.ts";
import { leastPlayers } from "./split/split-rules.ts";
import { areListedInPart, compositionsAround, compositionsOf } from "./teams/compositions.ts";

/** Of more tickets to serve one nearly always has hope, and each of them is compared with all others. */
const MOST_SERVED = 8;

/**
 * Whether it is plain at a glance that none of the tickets to serve finds a match: around each are too few tickets that it
 * suits by elo and ping, or none of the sizes that it would have to meet. Most searches of a quiet queue are such, for
 * whoever waits is looked after every second, and a glance costs a small part of a search.
 *
 * It never says so of tickets that a search would match. But it doesn't look at rules, regions, roles and teams.
 */
export const areHopeless = (
  queue: Queue,
  serve: readonly WaitingTicket[],
  candidates: readonly WaitingTicket[],
  now: number,
): boolean => {
  if (serve.length > MOST_SERVED || haveOtherCopies(serve, candidates)) return false;
  const all = candidates.length === 0 ? serve : [...serve, ...candidates];
  return serve.every((ticket) => isHopeless(queue, ticket, all, now));
};

const isHopeless = (queue: Queue, ticket: WaitingTicket, all: readonly WaitingTicket[], now: number): boolean => {
  const criteriaOf = criteriaByTries(queue);
  const asComparable = (each: WaitingTicket) => ({
    elo: each.elo,
    criteria: criteriaOf(effectiveTries(queue, each, now)),
    ...pingRangeOf(each.players),
    terms: undefined,
    size: each.players.length,
  });
  if (!isSound(ticket)) return true;
  const own = asComparable(ticket);
  const around: (Comparable & { size: number })[] = [];
  let players = own.size;
  for (const other of all) {
    // Some are out of reach, and not worth a closer look.
    if (!(Math.abs(other.elo - own.elo) <= own.criteria.eloSpread) || other.id === ticket.id) continue;
    if (!isSound(other)) continue;
    const each = asComparable(other);
    if (!compatible(own, each)) continue;
    around.push(each);
    players += each.size;
  }
  const least = leastPlayers(queue, own.criteria.openPlaces);
  if (players < least.reduce((sum, each) => sum + each, 0)) return true;
  const compositions = areListedInPart(queue) ? undefined : compositionsOf(queue);
  return compositions !== undefined && compositionsAround(compositions, own, around).length === 0;
};

/** Whether another copy of any ticket to serve may be the one that counts (see `oldestFirst`). */
const haveOtherCopies = (serve: readonly WaitingTicket[], candidates: readonly WaitingTicket[]): boolean =>
  serve.some(
    ({ id, version, createdAt }, index) =>
      serve.some((other, place) => place < index && other.id === id) ||
      candidates.some((other) => other.id === id && (other.version > version || other.createdAt !== createdAt)),
  );
