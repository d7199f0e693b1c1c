import { effectiveTries, type Queue, type WaitingTicket } from "@muster/core";
import { type Companion, hasCompany } from "./company.ts";
import { compatible } from "./compatible.ts";
import { criteriaByTries } from "./criteria-by-tries.ts";
import { isSound } from "./gather.ts";
import { pingRangeOf } from "./seeker.ts";

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
  if (!isSound(ticket)) return true;
  const own = asCompanion(queue, ticket, now);
  const around: Companion[] = [];
  for (const other of all) {
    // Most are out of reach, and not worth a closer look.
    if (!(Math.abs(other.elo - own.elo) <= own.criteria.eloSpread) || other.id === ticket.id || !isSound(other))
      continue;
    const each = asCompanion(queue, other, now);
    if (compatible(own, each)) around.push(each);
  }
  return !hasCompany(queue, own, around);
};

const asCompanion = (queue: Queue, { elo, tries, createdAt, players }: WaitingTicket, now: number): Companion => {
  const criteria = criteriaByTries(queue)(effectiveTries(queue, { tries, createdAt }, now));
  const { pingMinMs, pingMaxMs } = pingRangeOf(players);
  return { elo, criteria, pingMinMs, pingMaxMs, terms: undefined, size: players.length };
};

/** Whether another copy of any ticket to serve may be the one that counts (see `oldestFirst`). */
const haveOtherCopies = (serve: readonly WaitingTicket[], candidates: readonly WaitingTicket[]): boolean =>
  serve.some(
    ({ id, version, createdAt }, index) =>
      serve.some((other, place) => place < index && other.id === id) ||
      candidates.some((other) => other.id === id && (other.version > version || other.createdAt !== createdAt)),
  );
