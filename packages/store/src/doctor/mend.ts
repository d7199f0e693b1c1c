import { nextVersion, type Queue, type TicketEndReason, ticketElo, toWaiting } from "@muster/core";
import type { ChainableCommander, Redis } from "ioredis";
import type { Retention } from "../context.ts";
import { eloBucket, type Keys } from "../keys.ts";
import { formatPlayerState, parsePlayerState } from "../players/player-state-text.ts";
import { packIndexed } from "../tickets/pack-ticket.ts";
import { type Fault, type FaultKind, faultIdentity } from "./fault.ts";
import { dueOf, findFaults } from "./find-faults.ts";
import type { Elsewhere } from "./open-elsewhere.ts";
import type { Partition, TicketRecord } from "./partition.ts";
import { readAround } from "./read-around.ts";
import { redisNow } from "./redis-now.ts";

/** Each try fails only because something about the fault changed in between. */
const TRIES = 5;

export interface MendContext {
  /** With nothing else on it, and never reconnecting: see connectForCommits. */
  connection: Redis;
  keys: Keys;
  retention: Retention;
  /** Definitions of the queues, to put a ticket back where searches find it. */
  queue(name: string): Queue | undefined;
  /** Absent: there is one partition only. */
  elsewhere?: Elsewhere | undefined;
}

/** `gone`: somebody was faster, or it changed. `left`: it can't be mended safely; `howToMend` says what to do. */
export type MendOutcome = "mended" | "gone" | "left";

/** Repairs in one transaction: everything that a fault was found by is watched, and the fault found again. */
export const mend = async (context: MendContext, fault: Fault): Promise<MendOutcome> => {
  if (fault.kind === "wrong-claim") return mendClaim(context, fault);
  const repair = REPAIRS[fault.kind];
  if (!repair) return "left";
  const { connection } = context;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    try {
      const found = await findAgain(context, fault, true);
      if (!found) return "gone";
      const transaction = connection.multi();
      if (!repair(transaction, { ...context, ...found }, fault)) return "left";
      writeMended(transaction, context, fault, found.now);
      if (await transaction.exec()) return "mended";
    } finally {
      await connection.unwatch();
    }
  }
  throw new Error(`what is wrong with ${fault.about} ${fault.id} changed ${TRIES} times while it was being mended`);
};

/** What a fault is still found by; undefined when it is no more. */
const findAgain = async ({ connection, keys, elsewhere }: MendContext, fault: Fault, watch: boolean) => {
  const now = await redisNow(connection);
  const read = await readAround({ redis: connection, keys, watch, elsewhere }, fault.about, [fault]);
  const found = findFaults(read, keys, now);
  return found.some((other) => faultIdentity(other) === faultIdentity(fault)) ? { read, now } : undefined;
};

/**
 * By the protocol of claims, each step of which is safe whatever others do meanwhile: one who is busy here may be here
 * from then on, and one who is on its way arrives.
 */
const mendClaim = async (context: MendContext, fault: Fault): Promise<MendOutcome> => {
  const { connection, keys, elsewhere } = context;
  const found = await findAgain(context, fault, false);
  if (!found || !elsewhere) return "gone";
  const { claim } = found.read.claims.get(fault.id) ?? {};
  if (!claim) return "left";
  const { state } = parsePlayerState(found.read.players.get(fault.id) ?? null);
  const to = state === "idle" ? claim.partition : keys.partition;
  if (!(await elsewhere.bring(fault.id, to))) return "left";
  const transaction = connection.multi();
  writeMended(transaction, context, fault, found.now);
  await transaction.exec();
  return "mended";
};

const writeMended = (
  transaction: ChainableCommander,
  context: MendContext,
  { queue, kind, about, id }: Fault,
  at: number,
): void => writeEvent(transaction, context, { type: "mended", queue, at, kind, about, id });

type Repair = (
  transaction: ChainableCommander,
  context: MendContext & { read: Partition; now: number },
  fault: Fault,
) => boolean;

/** What is not here is only reported. Each queues its writes; false when it can't. */
const REPAIRS: Partial<Record<FaultKind, Repair>> = {
  "stale-entry": (transaction, { keys }, { key = "", id }) => {
    if (keys.indexOfKey(key)?.type === "hash") transaction.hdel(key, id);
    else transaction.zrem(key, id);
    return true;
  },

  "unlisted-match": (transaction, { keys, read }, { id }) => {
    const match = read.matches.get(id);
    const due = match && dueOf(match);
    if (due === undefined || !Number.isFinite(due)) return false;
    transaction.zadd(keys.matchDue, "NX", due, id);
    return true;
  },

  "lost-player": (transaction, context, { id }) => {
    setIdle(transaction, context, id);
    return true;
  },

  "wrong-version": (transaction, { keys, read, now }, { id }) => {
    const state = parsePlayerState(read.players.get(id) ?? null);
    const version = state.ticket === undefined ? undefined : read.tickets.get(state.ticket)?.version;
    if (version === undefined) return false;
    const mended = { ...state, ticketVersion: version, version: nextVersion(state.version, now) };
    transaction.set(keys.playerState(id), formatPlayerState(mended));
    return true;
  },

  "wrong-ticket": (transaction, { read, queue: queueOf }, { id, queue: name, key = "" }) => {
    const ticket = read.tickets.get(id);
    const queue = queueOf(name);
    if (!ticket || !queue) return false;
    const { version, createdAt, tries, request } = ticket;
    transaction.hset(key, id, packIndexed({ version, createdAt, tries, ...toWaiting(queue, request) }));
    return true;
  },

  "unlisted-ticket": (transaction, { keys, read, now, queue: queueOf }, { id, queue: name }) => {
    const ticket = read.tickets.get(id);
    const queue = queueOf(name);
    if (!ticket || !queue) return false;
    const { version, createdAt, tries, request } = ticket;
    const waiting = toWaiting(queue, request);
    transaction.zadd(keys.due(name), "NX", now, id);
    // Who is away is put back by coming back.
    if (ticket.away) return true;
    transaction.hsetnx(
      keys.eloBucket(name, eloBucket(waiting.elo)),
      id,
      packIndexed({ version, createdAt, tries, ...waiting }),
    );
    return true;
  },

  "ticket-without-player": (transaction, context, { id }) => cancelWaiting(transaction, context, id),

  // Its claim doesn't name this partition, or it would have been found in the other.
  "player-in-two": (transaction, context, { id }) => {
    const { state, ticket } = parsePlayerState(context.read.players.get(id) ?? null);
    return state === "inqueue" && ticket !== undefined && cancelWaiting(transaction, context, ticket);
  },

  // The match was lost, or began without it: whoever asks is to learn that the ticket came to nothing.
  "ticket-without-match": (transaction, context, { id }) => {
    const ticket = context.read.tickets.get(id);
    if (!ticket) return false;
    for (const { id: player } of ticket.request.players) {
      const { state, ticket: named } = parsePlayerState(context.read.players.get(player) ?? null);
      if ((state === "pending" || state === "inmatch") && named === id) {
        setIdle(transaction, context, player, ticket.tries);
      }
    }
    cancel(transaction, context, id, ticket);
    return true;
  },
};

const REASON = "mended" satisfies TicketEndReason;

/** As end-ticket.lua cancels, which would not look whether the fault is still there. */
const cancelWaiting = (transaction: ChainableCommander, context: Parameters<Repair>[1], id: string): boolean => {
  const { keys, read } = context;
  const ticket = read.tickets.get(id);
  if (!ticket) return false;
  const { queue, tries, request } = ticket;
  for (const { id: player } of request.players) {
    const { state, ticket: named } = parsePlayerState(read.players.get(player) ?? null);
    if (state === "inqueue" && named === id) setIdle(transaction, context, player, tries);
  }
  cancel(transaction, context, id, ticket);
  transaction.zrem(keys.due(queue), id);
  transaction.hdel(keys.eloBucket(queue, eloBucket(ticketElo(request.players))), id);
  return true;
};

const cancel = (
  transaction: ChainableCommander,
  context: Parameters<Repair>[1],
  id: string,
  { queue, createdAt, tries }: TicketRecord,
): void => {
  const { keys, now, retention } = context;
  transaction.hset(keys.ticket(id), "status", `cancelled - ${now}`, "reason", REASON);
  transaction.pexpire(keys.ticket(id), retention.endedMs);
  writeEvent(transaction, context, { type: "cancelled", queue, ticket: id, at: now, createdAt, tries, reason: REASON });
};

/** As the scripts do it. `tries` are the ticket's, where it is known. */
const setIdle = (
  transaction: ChainableCommander,
  { keys, read, now, retention }: Parameters<Repair>[1],
  player: string,
  tries?: number,
): void => {
  const { match: _, ticketVersion: __, ...last } = parsePlayerState(read.players.get(player) ?? null);
  const idle = { ...last, state: "idle", version: nextVersion(last.version, now), at: now } as const;
  const text = formatPlayerState({ ...idle, tries: tries ?? last.tries });
  transaction.set(keys.playerState(player), text, "PX", retention.idleMs);
};

const writeEvent = (
  transaction: ChainableCommander,
  { keys, retention }: MendContext,
  fields: Readonly<Record<string, string | number>>,
): void => {
  transaction.xadd(keys.events, "MAXLEN", "~", retention.events, "*", ...Object.entries(fields).flat());
};
