/**
 * A day of a queue in seconds: the real `matching` code on a virtual clock.
 *
 * The world, and what it leaves out:
 * - Players arrive as `drawArrivals` says, on their own, and wait until they are matched or expire: nobody cancels.
 * - A new ticket is searched for after the gather window, together with others that came in it.
 * - Each search gets what waits within the reach of its tickets, nearest first, up to the orchestrator's limit.
 *   Redis reads whole buckets of elo and samples crowded ones; here the nearest are exact.
 * - Without a match a ticket has one try more and is due again after `retryEveryMs`. What is due is taken together every
 *   20 ms, as the sweeper does, and expires at `expireAfterMs`.
 * - Players bring elo, pings and position, but no attributes: what a rule says of a missing one holds for all.
 * - A proposal always commits, `commitMs` after its search: until then nobody else can take its tickets.
 * - Searching itself takes no time, and no process fails.
 *
 * Whoever still waits when the run ends stays waiting: its wait is only known to be longer.
 */
import { type Queue, ticketElo, toWaitingPlayers, type WaitingTicket } from "@muster/core";
import { findMatches } from "@muster/matching";
import type { Person } from "../load/population.ts";
import type { Arrival } from "./arrivals.ts";
import { DueTimes } from "./due-times.ts";
import { searchGroups } from "./search-groups.ts";
import { WaitingPool } from "./waiting-pool.ts";

/** What became of one ticket. */
export interface Life {
  readonly elo: number;
  readonly members: readonly Person[];
  readonly arrivedAtMs: number;
  outcome: "matched" | "expired" | "waiting";
  /** When it was matched or expired; the end of the run if it still waits. */
  endedAtMs: number;
}

export interface SimulatedMatch {
  readonly atMs: number;
  /** The tickets of each team. */
  readonly teams: readonly (readonly Life[])[];
  /** Where matching placed it; only where the queue uses regions. */
  readonly region?: string;
}

export interface SimulationProgress {
  atMs: number;
  forMs: number;
  arrived: number;
  matched: number;
  expired: number;
  waiting: number;
}

export interface SimulationOptions {
  queue: Queue;
  /** In order of time. */
  arrivals: readonly Arrival[];
  /** The run ends then. */
  forMs: number;
  gatherMs: number;
  commitMs: number;
  /** Called often; cheap unless it does something. */
  progress?: (progress: SimulationProgress) => void;
}

export interface Simulation {
  /** Every ticket that was accepted, in order of arrival. */
  lives: Life[];
  matches: SimulatedMatch[];
  /** Arrivals that found `maxWaiting` tickets before them. */
  refused: number;
}

const SWEEP_EVERY_MS = 20;

interface Waiting {
  readonly order: number;
  readonly elo: number;
  readonly life: Life;
  readonly ticket: WaitingTicket;
  readonly expiresAtMs: number;
}

export const simulate = ({ queue, arrivals, forMs, gatherMs, commitMs, progress }: SimulationOptions): Simulation => {
  const lives: Life[] = [];
  const matches: SimulatedMatch[] = [];
  const pool = new WaitingPool<Waiting>();
  const byId = new Map<string, Waiting>();
  const due = new DueTimes<Waiting>();
  let gathered: Waiting[] = [];
  let gatherAtMs = Infinity;
  let sweptAtMs = -Infinity;
  let refused = 0;
  let expired = 0;
  let matched = 0;

  const enqueue = ({ atMs, members }: Arrival): void => {
    if (pool.size >= queue.maxWaiting) {
      refused += 1;
      return;
    }
    const order = lives.length;
    const elo = ticketElo(members);
    const life: Life = { elo, members, arrivedAtMs: atMs, outcome: "waiting", endedAtMs: forMs };
    const players = toWaitingPlayers(queue, { players: [...members] });
    const ticket: WaitingTicket = { id: `t${order}`, version: 1, tries: 0, createdAt: atMs, elo, players };
    const waiting = { order, elo, life, ticket, expiresAtMs: atMs + queue.expireAfterMs };
    lives.push(life);
    pool.add(waiting);
    byId.set(ticket.id, waiting);
    gathered.push(waiting);
    if (gatherAtMs === Infinity) gatherAtMs = atMs + gatherMs;
  };

  const leave = (waiting: Waiting, outcome: Life["outcome"], atMs: number): void => {
    pool.remove(waiting);
    byId.delete(waiting.ticket.id);
    waiting.life.outcome = outcome;
    waiting.life.endedAtMs = atMs;
  };

  const known = (id: string): Waiting => {
    const waiting = byId.get(id);
    if (!waiting) throw new Error(`matching used ${id}, which doesn't wait`);
    return waiting;
  };

  const searchFor = (tickets: readonly Waiting[], atMs: number): void => {
    const groups = searchGroups(
      queue,
      tickets.map(({ ticket }) => ticket),
    );
    for (const { serve, range } of groups) {
      // A search just before this one may have matched some.
      const free = serve.filter(({ id }) => byId.has(id));
      if (free.length === 0) continue;
      const candidates = pool.near(range).map(({ ticket }) => ticket);
      const ids = { match: () => `m${matches.length}` };
      const { proposals, unmatched } = findMatches({ queue, serve: free, candidates, now: atMs, ids });
      for (const proposal of proposals) {
        const teams = proposal.teams.map(({ players }) => [...new Set(players.map(({ ticket }) => ticket))]);
        matches.push({
          atMs: atMs + commitMs,
          teams: teams.map((team) => team.map((id) => known(id).life)),
          ...(proposal.region !== undefined && { region: proposal.region }),
        });
        // One after the other, so that a ticket which is used twice is found out.
        for (const id of teams.flat()) leave(known(id), "matched", atMs + commitMs);
        matched += teams.flat().length;
      }
      for (const { id } of unmatched) {
        const waiting = known(id);
        waiting.ticket.tries += 1;
        due.add(Math.min(atMs + queue.retryEveryMs, waiting.expiresAtMs), waiting);
      }
    }
  };

  const sweep = (atMs: number): void => {
    const waiting = due.take(atMs).filter((each) => pool.has(each));
    for (const each of waiting.filter(({ expiresAtMs }) => expiresAtMs <= atMs)) {
      leave(each, "expired", atMs);
      expired += 1;
    }
    searchFor(
      waiting.filter(({ expiresAtMs }) => expiresAtMs > atMs),
      atMs,
    );
  };

  let next = 0;
  for (;;) {
    const arrival = arrivals[next];
    const sweepAtMs = Math.max(due.nextMs, sweptAtMs + SWEEP_EVERY_MS);
    const atMs = Math.min(arrival?.atMs ?? Infinity, gatherAtMs, sweepAtMs);
    if (atMs >= forMs) break;
    if (arrival && arrival.atMs === atMs) {
      enqueue(arrival);
      next += 1;
      progress?.({ atMs, forMs, arrived: lives.length, matched, expired, waiting: pool.size });
    } else if (gatherAtMs === atMs) {
      const tickets = gathered.filter((waiting) => pool.has(waiting));
      gathered = [];
      gatherAtMs = Infinity;
      searchFor(tickets, atMs);
    } else {
      sweptAtMs = atMs;
      sweep(atMs);
    }
  }
  return { lives, matches, refused };
};
