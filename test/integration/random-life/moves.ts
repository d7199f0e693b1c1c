import {
  acceptMatch,
  closePlaces,
  declineMatch,
  joinMatch,
  leaveMatch,
  type Match,
  MusterError,
  openPlaces,
  playersOf,
  type Queue,
  type Random,
  settleMatch,
  spectateMatch,
} from "@muster/core";
import { systemIds } from "@muster/core/service";
import { findMatches } from "@muster/matching";
import { endRated } from "@muster/orchestrator";
import {
  type CommitOutcome,
  commitMatches,
  FencedError,
  type Store,
  unpackOpenMatch,
  unpackTicket,
} from "@muster/store";
import type { Redis } from "ioredis";
import { PLAYERS, QUEUES } from "./queues.ts";

/** What a client promises itself from an answer, to be held against how everything ended. */
export type Told =
  | { kind: "queued"; ticket: string; players: string[] }
  | { kind: "cancelled"; ticket: string }
  | { kind: "committed"; match: string; tickets: string[] };

export interface Mover {
  store: Store;
  connection: () => Redis;
  random: Random;
  /** Of this process: its lease and its connections. */
  token: string;
  told: Told[];
}

type Move = (mover: Mover) => Promise<unknown>;

const ANY = { low: -Infinity, high: Infinity, centre: 1_000, limit: 40 };
const queueOf = (name: string) => QUEUES.get(name);

const pick = <Item>(items: readonly Item[], random: Random): Item => {
  const item = items[Math.floor(random.next() * items.length)];
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
};
const anyQueue = ({ random }: Mover): Queue => pick([...QUEUES.values()], random);
const anyPlayer = ({ random }: Mover): string => pick(PLAYERS, random);
const chance = ({ random }: Mover, share: number): boolean => random.next() < share;

/** A random player's match, most often its own; the player is often one of the match. */
const onMatch = (decide: (queue: Queue, match: Match, player: string, now: number, mover: Mover) => unknown): Move => {
  return async (mover) => {
    const player = anyPlayer(mover);
    const { match } = await mover.store.readPlayer(player);
    if (match === undefined) return;
    const who = chance(mover, 0.9) ? player : anyPlayer(mover);
    await mover.store.changeMatch(
      match,
      queueOf,
      // All that these return are changes of matches.
      (queue, found, now) => decide(queue, found, who, now, mover) as ReturnType<typeof acceptMatch>,
    );
  };
};

const enqueue: Move = async (mover) => {
  const { store, random, told } = mover;
  const queue = anyQueue(mover);
  const size = 1 + Math.floor(random.next() * queue.maxPartySize);
  const ids = [...new Set(Array.from({ length: size }, () => anyPlayer(mover)))];
  const players = ids.map((id) => ({ id, elo: 900 + Math.floor(random.next() * 200) }));
  const ticket = { id: systemIds.ticket(), request: { players }, digest: "random" };
  // Sometimes twice at once, as a client does that got no answer.
  const answers = await Promise.all(
    Array.from({ length: chance(mover, 0.1) ? 2 : 1 }, () => store.enqueueTickets(queue, [ticket])),
  );
  const outcomes = answers.map(([answer]) => answer?.outcome ?? "");
  if (outcomes.filter((outcome) => outcome === "queued").length > 1) throw new Error("queued twice");
  if (outcomes.includes("queued")) told.push({ kind: "queued", ticket: ticket.id, players: ids });
};

const cancel: Move = async (mover) => {
  const { ticket } = await mover.store.readPlayer(anyPlayer(mover));
  if (ticket === undefined) return;
  const ended = await mover.store.endTicket(ticket, "cancelled");
  if (ended?.outcome === "cancelled") mover.told.push({ kind: "cancelled", ticket });
};

const change: Move = async (mover) => {
  const { ticket: id } = await mover.store.readPlayer(anyPlayer(mover));
  const ticket = id === undefined ? null : await mover.store.readTicket(id);
  const queue = ticket && QUEUES.get(ticket.queue);
  if (!ticket || !queue) return;
  const players = ticket.players.map((player) => ({ ...player, elo: player.elo + 5 }));
  await mover.store.changeTicket(queue, ticket.id, ticket.version, { players });
};

/** As orchestrator, matchmaker and mover do together. */
const match: Move = async (mover) => {
  const { store, token, connection } = mover;
  const queue = anyQueue(mover);
  const [packed, open] = await Promise.all([
    store.readRange(queue.name, ANY),
    queue.backfill ? store.readOpenMatches(queue.name, ANY) : [],
  ]);
  const serve = packed.map(unpackTicket);
  const now = store.clock.now();
  const { proposals, unmatched } = findMatches({
    ...{ queue, serve, candidates: [], open: open.map(unpackOpenMatch), now, ids: systemIds },
  });
  await store.retryTickets(queue.name, unmatched, { dueAt: now + queue.retryEveryMs, countTry: true });
  if (proposals.length === 0) return;
  const { keys, clock, retention } = store;
  const context = { connection: connection(), keys, fence: token, now: clock.now(), retention, queue: queueOf };
  let outcomes: CommitOutcome[] = [];
  try {
    // Proposals wait for a while on their way to the mover.
    for (let wait = 0; chance(mover, 0.5) && wait < 5; wait++) await store.ping();
    outcomes = await commitMatches(context, proposals);
  } catch (error) {
    if (!(error instanceof FencedError)) throw error;
  }
  for (const [index, { id, tickets }] of proposals.entries()) {
    if (outcomes[index] !== "committed") continue;
    mover.told.push({ kind: "committed", match: id, tickets: tickets.map((ticket) => ticket.id) });
  }
};

/** Most often refused, since another leads; then a mover of another process commits no more. */
const lead: Move = async (mover) => {
  const { store, token, random } = mover;
  // As one that stops, so that leaders change as often as moves are made, however fast the machine is.
  if (chance(mover, 0.3)) await store.releaseLease(token);
  else await store.holdLease(token, 20 + Math.floor(random.next() * 200));
};

const sweep: Move = async ({ store }) => {
  const { matchesDue } = await store.readSchedule([...QUEUES.keys()], 100);
  await Promise.all(matchesDue.map((id) => store.changeMatch(id, queueOf, settleMatch)));
  for (const queue of QUEUES.keys()) {
    const tickets = await store.claimDue(queue, 50);
    const now = store.clock.now();
    for (const { id, expiresAt, awayUntil = Infinity } of tickets) {
      if (expiresAt <= now) await store.endTicket(id, "expired");
      else if (awayUntil <= now) await store.endTicket(id, "expired", "disconnected");
    }
  }
};

const scoresOf = (found: Match, { random }: Mover) => {
  const ids = [...playersOf(found), ...(found.left ?? [])].map(({ id }) => id);
  return Object.fromEntries(ids.map((id) => [id, Math.floor(random.next() * 5)]));
};

const end = onMatch((queue, found, _, now, mover) =>
  endRated(mover.store, queue, found, chance(mover, 0.8) ? { scores: scoresOf(found, mover) } : {}, now),
);

/** How a match went, most often told after it has ended by itself. */
const report: Move = async (mover) => {
  const { store } = mover;
  const { ticket } = await store.readPlayer(anyPlayer(mover));
  const { match } = (ticket !== undefined && (await store.readTicket(ticket))) || {};
  if (match === undefined) return;
  await store.changeMatch(match, queueOf, (queue, found, now) =>
    endRated(store, queue, found, { scores: scoresOf(found, mover) }, now),
  );
};

const lose = onMatch((queue, found, player, now) => openPlaces(queue, found, { lost: [player] }, now));

/** Several, as one client's connection or a whole realm's. */
const someone = (mover: Mover): string[] => Array.from({ length: chance(mover, 0.2) ? 10 : 1 }, () => anyPlayer(mover));

/** How often each is made, out of all. */
export const MOVES: Readonly<Record<string, { weight: number; make: Move }>> = {
  enqueue: { weight: 30, make: enqueue },
  cancel: { weight: 2, make: cancel },
  change: { weight: 4, make: change },
  match: { weight: 8, make: match },
  lead: { weight: 2, make: lead },
  sweep: { weight: 3, make: sweep },
  accept: { weight: 16, make: onMatch((queue, found, player, now) => acceptMatch(queue, found, player, now)) },
  decline: { weight: 1, make: onMatch((queue, found, player, now) => declineMatch(queue, found, player, now)) },
  join: { weight: 16, make: onMatch((queue, found, player, now) => joinMatch(queue, found, player, now)) },
  leave: { weight: 6, make: onMatch((queue, found, player, now) => leaveMatch(queue, found, player, now)) },
  lose: { weight: 2, make: lose },
  close: { weight: 3, make: onMatch((_, found) => closePlaces(found)) },
  spectate: {
    weight: 6,
    make: async (mover) => {
      const { match: id } = await mover.store.readPlayer(anyPlayer(mover));
      if (id) await mover.store.changeMatch(id, queueOf, (_, found) => spectateMatch(found, anyPlayer(mover)));
    },
  },
  end: { weight: 4, make: end },
  report: { weight: 2, make: report },
  connect: {
    weight: 5,
    make: (mover) => mover.store.connectPlayers(queueOf, mover.token, [...new Set(someone(mover))]),
  },
  disconnect: {
    weight: 3,
    make: (mover) => mover.store.disconnectPlayers(queueOf, mover.token, [...new Set(someone(mover))]),
  },
  away: { weight: 1, make: (mover) => mover.store.markAway(queueOf, anyPlayer(mover)) },
  back: { weight: 2, make: (mover) => mover.store.markBack(queueOf, anyPlayer(mover)) },
};

const BAG = Object.entries(MOVES).flatMap(([name, { weight }]) => Array.from({ length: weight }, () => name));

/** @returns what was tried, and how it was refused, if it was */
export const makeMove = async (mover: Mover): Promise<string> => {
  const name = pick(BAG, mover.random);
  try {
    await MOVES[name]?.make(mover);
    return name;
  } catch (error) {
    // A refusal says what isn't legal; a Redis that can't be used would be one too, but there is no reason for it.
    if (!(error instanceof MusterError) || error.code === "STORE_UNAVAILABLE") throw error;
    return `${name} ${error.code}`;
  }
};
