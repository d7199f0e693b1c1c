import {
  type OpenMatch,
  type Proposal,
  type Queue,
  toQueue,
  type WaitingPlayer,
  type WaitingTicket,
} from "@muster/core";
import fc from "fast-check";
import { byAge } from "./by-age.ts";
import { criteriaFor } from "./criteria.ts";
import { findMatches, type SearchResult } from "./find-matches.ts";
import { buildLadder } from "./ladder.ts";
import { rosterOf } from "./roster.ts";
import type { Seeker } from "./seeker.ts";

/** What the tests of this package share: builders, generators, and an independent reading of the rules. */

export const queueOf = ({ name = "test", regions = {}, ...given }: Partial<Omit<Queue, "teamShapes">> = {}): Queue =>
  toQueue(
    name,
    {
      teams: { count: 2, size: 1 },
      maxPartySize: 1,
      steps: [{ fromTry: 0 }],
      retryEveryMs: 1_000,
      expireAfterMs: 60_000,
      matchLengthMs: 60_000,
      maxWaiting: 1_000,
      ...given,
    },
    regions,
  );

/** A ticket with one player per elo; its players are named after it unless ids are given. */
export const ticketOf = (
  id: string,
  elos: number | readonly number[],
  { pings = [], ...given }: Partial<WaitingTicket> & { pings?: readonly (number | undefined)[] } = {},
): WaitingTicket => {
  const list = typeof elos === "number" ? [elos] : elos;
  const players = list.map((elo, index): WaitingPlayer => {
    const avgPingMs = pings[index];
    return { id: `${id}-${index}`, elo, ...(avgPingMs !== undefined && { avgPingMs }) };
  });
  const elo = list.reduce((sum, each) => sum + each, 0) / list.length;
  return { id, version: 1, tries: 0, createdAt: 0, elo, players, ...given };
};

/** Match ids m1, m2, … */
export const countingIds = (): { match(): string } => {
  let count = 0;
  return { match: () => `m${++count}` };
};

export const searchFor = (
  queue: Queue,
  serve: readonly WaitingTicket[],
  candidates: readonly WaitingTicket[] = [],
  given: { now?: number; open?: readonly OpenMatch[] } = {},
): SearchResult => findMatches({ queue, serve, candidates, now: 0, ids: countingIds(), ...given });

/** All tickets on one ladder, oldest first, as if all were to be served. */
export const seekersOf = (queue: Queue, tickets: readonly WaitingTicket[]): readonly Seeker[] =>
  buildLadder(queue, rosterOf({ tickets: tickets.toSorted(byAge), served: new Uint8Array(tickets.length).fill(1) }), 0)
    .oldestFirst;

/** The ids of each match's tickets, sorted. */
export const matched = (proposals: readonly Proposal[]): string[][] =>
  proposals.map(({ tickets }) => tickets.map(({ id }) => id).sort());

/** Whether two tickets accept each other, player by player and straight from the definition of criteria. */
export const accept = (queue: Queue, a: WaitingTicket, b: WaitingTicket): boolean =>
  [a, b].every(({ tries }) => {
    const { eloSpread, pingSpreadMs, latencyLevelSpread } = criteriaFor(queue, tries);
    if (Math.abs(a.elo - b.elo) > eloSpread) return false;
    return a.players.every((one) =>
      b.players.every(
        (other) =>
          one.avgPingMs === undefined ||
          other.avgPingMs === undefined ||
          (Math.abs(one.avgPingMs - other.avgPingMs) <= pingSpreadMs &&
            Math.abs(levelOf(one.avgPingMs) - levelOf(other.avgPingMs)) <= latencyLevelSpread),
      ),
    );
  });

/** From 1 to 5, each 100 ms wide but the last. */
const levelOf = (pingMs: number): number => Math.min(5, Math.max(1, Math.ceil(pingMs / 100)));

/** Steps that start at try 0 and only widen, by up to `widening` at once; the last one may be without limits. */
export const anySteps = (widening = 40): fc.Arbitrary<Queue["steps"]> =>
  fc
    .tuple(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.nat(widening), fc.nat(widening)), {
        minLength: 1,
        maxLength: 4,
      }),
      fc.boolean(),
    )
    .map(([widenings, endsOpen]) => {
      let [fromTry, eloSpread, pingSpreadMs] = [0, 0, 0];
      const steps: Queue["steps"] = widenings.map(([tries, elo, ping], index) => {
        if (index > 0) fromTry += tries;
        eloSpread += elo;
        pingSpreadMs += ping;
        return { fromTry, eloSpread, pingSpreadMs };
      });
      return endsOpen ? [...steps, { fromTry: fromTry + 1 }] : steps;
    });

/** Tickets with ids t0, t1, …, crowded enough that elos, ages and pings often tie. */
export const anyTickets = ({ maxParty = 1, maxLength = 40 } = {}): fc.Arbitrary<WaitingTicket[]> => {
  const anyPlayer = fc.record({
    elo: fc.integer({ min: 0, max: 120 }),
    ping: fc.option(fc.integer({ min: 0, max: 90 }), { nil: undefined }),
  });
  const anyTicket = fc.record({
    players: fc.array(anyPlayer, { minLength: 1, maxLength: maxParty }),
    tries: fc.nat(10),
    createdAt: fc.nat(5),
    version: fc.integer({ min: 1, max: 3 }),
  });
  return fc.array(anyTicket, { maxLength, size: "max" }).map((list) =>
    list.map(({ players, ...given }, index) => {
      const pings = players.map(({ ping }) => ping);
      return ticketOf(
        `t${index}`,
        players.map(({ elo }) => elo),
        { ...given, pings },
      );
    }),
  );
};

export const anyDuel: fc.Arbitrary<Queue> = anySteps().map((steps) => queueOf({ steps }));

export const anyTeamQueue: fc.Arbitrary<Queue> = fc
  .tuple(anySteps(120), fc.integer({ min: 2, max: 3 }), fc.integer({ min: 1, max: 4 }))
  .map(([steps, count, size]) => queueOf({ steps, teams: { count, size }, maxPartySize: size }));
