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
 * - Players bring elo, pings and position, in queues with roles or named teams what `withWishes` says, but no attributes:
 *   what a rule says of a missing one holds for all.
 * - A match that begins with open places, in a queue with backfill, takes in who fits until it is full or over. Nobody
 *   leaves a match early, so no realm asks for players.
 * - A proposal always commits, `commitMs` after its search: until then nobody else can take its tickets.
 * - Searching itself takes no time, and no process fails.
 *
 * Whoever still waits when the run ends stays waiting: its wait is only known to be longer.
 */
import {
  effectiveTries,
  matchSize,
  type Proposal,
  type Queue,
  teamsOf,
  toWaiting,
  type WaitingTicket,
} from "@muster/core";
import { findMatches, neighbourhoods } from "@muster/matching";
import type { Arrival, Comer } from "./arrivals.ts";
import { DueTimes } from "./due-times.ts";
import { OpenMatches } from "./open-matches.ts";
import { overtakes } from "./overtakes.ts";
import { WaitingPool } from "./waiting-pool.ts";

/** What became of one ticket. */
export interface Life {
  readonly elo: number;
  readonly members: readonly Comer[];
  readonly arrivedAtMs: number;
  outcome: "matched" | "expired" | "waiting";
  /** When it was matched or expired; the end of the run if it still waits. */
  endedAtMs: number;
}

export interface SimulatedMatch {
  readonly atMs: number;
  /** The tickets of each team, with those who joined later. */
  readonly teams: Life[][];
  /** From 0 to 1: as matching judged it when it was made, or when the last player joined. */
  quality: number;
  /** Players with whom it began. */
  readonly beganWith: number;
  /** When its last place was taken; absent: some are open still. */
  fullAtMs?: number;
  /** Player → role; empty where the queue has no roles. */
  readonly roles: Map<string, string>;
  /** Where matching placed it; only where the queue uses regions. */
  readonly region?: string;
  /** Whether it overtook an older ticket (see `overtakes`); only of some matches. */
  overtook?: boolean;
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
  /** A match that takes in players is over then. */
  matchForMs: number;
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
/** Of so many matches it is found out whether they overtook anybody: that costs more than finding them. */
const OVERTAKES_SAMPLE = 1_000;
/** Tickets around a match among whom the overtaken are looked for. */
const OVERTAKEN_AMONG = 50;

interface Waiting {
  readonly order: number;
  readonly elo: number;
  readonly life: Life;
  readonly ticket: WaitingTicket;
  readonly expiresAtMs: number;
}

export const simulate = (options: SimulationOptions): Simulation => {
  const { queue, arrivals, forMs, gatherMs, commitMs, matchForMs, progress } = options;
  const lives: Life[] = [];
  const matches = new Map<string, SimulatedMatch>();
  const open = new OpenMatches();
  const pool = new WaitingPool<Waiting>();
  const byId = new Map<string, Waiting>();
  const due = new DueTimes<Waiting>();
  const total = matchSize(queue);
  const players = arrivals.reduce((sum, { members }) => sum + members.length, 0);
  const sampleEvery = Math.max(1, Math.ceil(players / total / OVERTAKES_SAMPLE));
  let gathered: Waiting[] = [];
  let gatherAtMs = Infinity;
  let sweptAtMs = -Infinity;
  let refused = 0;
  let expired = 0;
  let matched = 0;
  let proposed = 0;

  const enqueue = ({ atMs, members, teams }: Arrival): void => {
    if (pool.size >= queue.maxWaiting) {
      refused += 1;
      return;
    }
    const order = lives.length;
    const known = toWaiting(queue, { players: [...members], ...(teams && { teams }) });
    const life: Life = { elo: known.elo, members, arrivedAtMs: atMs, outcome: "waiting", endedAtMs: forMs };
    const ticket: WaitingTicket = { id: `t${order}`, version: 1, tries: 0, createdAt: atMs, ...known };
    const waiting = { order, elo: known.elo, life, ticket, expiresAtMs: atMs + queue.expireAfterMs };
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

  const commit = (proposal: Proposal, atMs: number): void => {
    const { id, tickets, teams, quality, region } = proposal;
    const seats = tickets.map((ticket) => known(ticket.id));
    const seated = teams.map((team) =>
      seats.filter((_, place) => team.tickets.includes(place)).map(({ life }) => life),
    );
    let match = matches.get(id);
    if (proposal.join) {
      if (!match) throw new Error(`matching joined ${id}, which is no match`);
      open.join(proposal);
      match.teams.forEach((team, index) => {
        team.push(...(seated[index] ?? []));
      });
      match.quality = quality;
    } else {
      const beganWith = tickets.reduce((sum, ticket) => sum + ticket.players.length, 0);
      const place = region === undefined ? {} : { region };
      match = { atMs, teams: seated, quality, beganWith, roles: new Map(), ...place };
      matches.set(id, match);
      open.add(proposal, atMs, atMs + Math.min(matchForMs, queue.matchLengthMs));
    }
    for (const { players } of teamsOf(proposal)) {
      for (const { id: player, role } of players) if (role) match.roles.set(player, role);
    }
    if (playersOf(match) === total) match.fullAtMs ??= atMs;
    // One after the other, so that a ticket which is used twice is found out.
    for (const ticket of tickets) leave(known(ticket.id), "matched", atMs);
    matched += tickets.length;
  };

  const sample = (members: readonly WaitingTicket[], match: SimulatedMatch | undefined, atMs: number): void => {
    const [first] = members;
    if (!match || !first) return;
    const around = { low: -Infinity, high: Infinity, centre: first.elo, limit: OVERTAKEN_AMONG };
    const left = pool.near(around).map(({ ticket }) => ticket);
    match.overtook = overtakes(queue, members, left, atMs);
  };

  const searchFor = (tickets: readonly Waiting[], atMs: number): void => {
    const served = tickets.map(({ ticket, elo }) => ({ ticket, elo, tries: effectiveTries(queue, ticket, atMs) }));
    for (const { serve, range } of neighbourhoods(queue, served)) {
      // A search just before this one may have matched some.
      const free = serve.map(({ ticket }) => ticket).filter(({ id }) => byId.has(id));
      if (free.length === 0) continue;
      const { proposals, unmatched } = findMatches({
        ...{ queue, serve: free, now: atMs },
        candidates: pool.near(range).map(({ ticket }) => ticket),
        open: open.near(range, atMs),
        ids: { match: () => `m${proposed++}` },
      });
      const sampled = proposals
        .filter(({ join }, index) => !join && (matches.size + index) % sampleEvery === 0)
        .map(({ id, tickets: members }) => ({ id, members: members.map((member) => known(member.id).ticket) }));
      for (const proposal of proposals) commit(proposal, atMs + commitMs);
      for (const { id, members } of sampled) sample(members, matches.get(id), atMs);
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
  return { lives, matches: [...matches.values()], refused };
};

export const playersOf = ({ teams }: Pick<SimulatedMatch, "teams">): number =>
  teams.flat().reduce((sum, { members }) => sum + members.length, 0);
