import type { Clock, ConfigError, Match, Queue, Rating, ServiceBeat, Ticket, TicketRequest } from "@muster/core";
import type { Redis } from "ioredis";
import { type Claimant, enterPlayers } from "./claims/enter-players.ts";
import { type SealOutcome, sealPlayers } from "./claims/seal-players.ts";
import { DEFAULT_RETENTION, type Retention, type StoreContext } from "./context.ts";
import { type Diagnosis, readDiagnosis } from "./doctor/diagnosis.ts";
import { dropDoctorLease, takeDoctorLease } from "./doctor/take-lease.ts";
import { raiseFormat, settleFormat } from "./format.ts";
import { createInstantStore, type InstantStore } from "./instant/instant-store.ts";
import { createKeys, type Keys } from "./keys.ts";
import { changeMatch, type DecideChange } from "./matches/change-match.ts";
import { holdLease, leaseLeftMs, releaseLease } from "./matches/mover-lease.ts";
import { readMatch } from "./matches/read-match.ts";
import { readOpenMatches } from "./matches/read-open-matches.ts";
import { raiseVersions, type Told } from "./players/raise-versions.ts";
import { type PlayerView, readPlayer } from "./players/read-player.ts";
import { readPlayerQueues } from "./players/read-player-queues.ts";
import { connectPlayers } from "./presence/connect-players.ts";
import { disconnectLost } from "./presence/disconnect-lost.ts";
import { disconnectPlayers } from "./presence/disconnect-players.ts";
import type { Hold } from "./presence/hold-players.ts";
import { markAbsent } from "./presence/mark-absent.ts";
import type { QueueOf } from "./presence/mark-away.ts";
import { markPlayerAway } from "./presence/mark-player-away.ts";
import { markPlayerBack } from "./presence/mark-player-back.ts";
import { refreshPresence } from "./presence/refresh-presence.ts";
import { type KeptRating, readPlayerRatings, readRatings } from "./ratings/read-ratings.ts";
import { connect, disconnect } from "./redis/connect.ts";
import { confirmOn, type Durability, openReplication } from "./redis/replication.ts";
import { openStoreClock } from "./redis/store-clock.ts";
import { orUnavailable, unavailable } from "./redis/store-errors.ts";
import { forgetService, readServices, writeBeat } from "./services/service-beats.ts";
import { type ChangeOutcome, changeTicket } from "./tickets/change-ticket.ts";
import { claimDue } from "./tickets/claim-due.ts";
import { countOverdue } from "./tickets/count-overdue.ts";
import { dropEnded } from "./tickets/drop-ended.ts";
import { type EndOutcome, endTicket } from "./tickets/end-ticket.ts";
import { type EnqueueOutcome, enqueueTickets, type NewTicket } from "./tickets/enqueue-tickets.ts";
import { joinEnqueues } from "./tickets/join-enqueues.ts";
import { type QueueStats, readQueueStats } from "./tickets/queue-stats.ts";
import { type Accepted, readAccepted } from "./tickets/read-accepted.ts";
import { type EloRange, readRange } from "./tickets/read-range.ts";
import { readSchedule, type Schedule } from "./tickets/read-schedule.ts";
import { readTicket } from "./tickets/read-ticket.ts";
import { type PackedTicket, readWaiting } from "./tickets/read-waiting.ts";
import { createReservations, type SeenTicket } from "./tickets/reserve-tickets.ts";
import { type Retried, type Retry, retryTickets } from "./tickets/retry-tickets.ts";

/**
 * A partition's state in Redis, as operations. Each takes effect wholly or not at all, and each throws
 * STORE_UNAVAILABLE (MusterError) within two seconds when Redis can't be used; then it is not known whether it took
 * effect. With durability `replicated` what changes tickets and matches waits up to a second longer for a replica.
 */
export interface Store {
  readonly keys: Keys;
  /** Tells the time of Redis' clock. */
  readonly clock: Clock;
  readonly retention: Retention;
  /** Each ticket wholly or not at all; one outcome for each, in order. */
  enqueueTickets(queue: Queue, tickets: readonly NewTicket[]): Promise<EnqueueOutcome[]>;
  /** What was accepted under ids that can be repeated, as it was answered first; undefined where nothing was. */
  readAccepted(ids: readonly string[]): Promise<(Accepted | undefined)[]>;
  /** Null when there is no such ticket, or it ended longer ago than the retention. */
  readTicket(id: string): Promise<Ticket | null>;
  /**
   * Gives a waiting ticket other parameters, if it still has the version given. Null when there is no such ticket.
   */
  changeTicket(queue: Queue, id: string, version: number, request: TicketRequest): Promise<ChangeOutcome | null>;
  /**
   * The ticket's one true outcome, also when a commit runs at the same time; null when there is no such ticket. One that
   * has time left, or with a reason: whose players do, doesn't expire and is left alone: null.
   */
  endTicket(id: string, status: "cancelled" | "expired", reason?: "disconnected"): Promise<EndOutcome | null>;
  /** The connection with this token stands for players, in place of any before; who was away is back. */
  connectPlayers(queueOf: QueueOf, token: string, players: readonly string[]): Promise<void>;
  /** To be called every REFRESH_EVERY_MS. The holds that other connections have taken over. */
  refreshPresence(queueOf: QueueOf, holds: readonly Hold[], isUnsure?: boolean): Promise<Hold[]>;
  /** Players whom this connection still holds are away: their tickets are not matched until they are back. */
  disconnectPlayers(queueOf: QueueOf, token: string, players: readonly string[]): Promise<void>;
  /** The same for at most `limit` players whose holder fell silent; how many there were. */
  disconnectLost(queueOf: QueueOf, limit: number): Promise<number>;
  /** The same for players for whom no connection stands: they began to wait after theirs had ended. */
  markAbsent(queueOf: QueueOf, players: readonly string[]): Promise<void>;
  /** The same for one player, on a realm's word. */
  markAway(queueOf: QueueOf, player: string): Promise<void>;
  markBack(queueOf: QueueOf, player: string): Promise<void>;
  /** Idle with version 0 when the player was never seen. */
  readPlayer(id: string): Promise<PlayerView>;
  /** The queue of the ticket or match that each player is in, in order; undefined for who is idle. */
  readPlayerQueues(players: readonly string[]): Promise<(string | undefined)[]>;
  /** For watchers who were told what Redis has lost since; those who are sealed, and so left as they are. */
  raiseVersions(told: readonly Told[]): Promise<Told[]>;
  /** Keeps idle players out of this partition; an outcome for each, in order. See open-claims.ts. */
  sealPlayers(claimants: readonly Claimant[], heedCoolDowns: boolean): Promise<SealOutcome[]>;
  /** Lets players into this partition; for each, in order, the epoch of who keeps it out, if that is not below. */
  enterPlayers(claimants: readonly Claimant[]): Promise<(number | undefined)[]>;
  /** What is kept of players in a queue with ratings; an entry for each of them. */
  readRatings(players: readonly string[], queue: string): Promise<Map<string, KeptRating>>;
  /** A player's ratings by queue; empty when no match of it was rated. */
  readPlayerRatings(player: string): Promise<Map<string, Rating>>;
  /** Null when there is no such match, or it ended longer ago than the retention. */
  readMatch(id: string): Promise<Match | null>;
  /** Changes a match, its players and their tickets together. See change-match.ts. */
  changeMatch(id: string, queueOf: (name: string) => Queue | undefined, decide: DecideChange): Promise<Match | null>;
  /** Packed matches that look for players near an elo. */
  readOpenMatches(queue: string, range: Omit<EloRange, "limit">): Promise<string[]>;
  /** Tickets whose time has come; they come due again by themselves. */
  claimDue(queue: string, limit: number): Promise<Ticket[]>;
  /** When each queue's next ticket is due, and at most `matchLimit` matches about which something is due. */
  readSchedule(queues: readonly string[], matchLimit: number): Promise<Schedule>;
  countOverdue(queues: readonly string[]): Promise<number>;
  /** Drops tickets that were matched long ago, of at most so many commits; how many there were. See drop-ended.ts. */
  dropEnded(limit: number): Promise<number>;
  /** Packed tickets near an elo. */
  readRange(queue: string, range: EloRange): Promise<string[]>;
  /** Those of these that still wait, packed anew; undefined for each of the others. See read-waiting.ts. */
  readWaiting(queue: string, tickets: readonly PackedTicket[]): Promise<(string | undefined)[]>;
  /** Leaves alone what ended or changed in between. */
  retryTickets(queue: string, tickets: readonly Retried[], retry: Retry): Promise<void>;
  /** Each group wholly or not at all; what others have of each. See reserve-tickets.ts. */
  reserveTickets(groups: readonly (readonly SeenTicket[])[], forMs: number): Promise<SeenTicket[][]>;
  /** Whether a ticket is reserved, as far as this store knows. */
  isReserved(ticket: SeenTicket): boolean;
  readQueueStats(queues: readonly string[]): Promise<Map<string, QueueStats>>;
  holdLease(token: string, holdMs: number): Promise<"taken" | "renewed" | "other">;
  /**
   * To be called after a commit over this connection, with durability `replicated`: resolves when a replica has it. With
   * `fast` at once. @throws STORE_UNAVAILABLE: the commit is to be repeated
   */
  confirmCommit(connection: Redis): Promise<void>;
  /** For how long a mover holds the lease if it is not renewed, ms; 0: none does. */
  leaseLeftMs(): Promise<number>;
  /** Succeeds if the lease was already gone or another's. */
  releaseLease(token: string): Promise<void>;
  /** Of instant matching. */
  readonly instant: InstantStore;
  /** Keeps what a service says of itself for who watches the whole; see startBeats. */
  writeBeat(beat: ServiceBeat): Promise<void>;
  forgetService(name: string): Promise<void>;
  /** What every service said last, by name; those that died are told of for ten minutes. */
  readServices(): Promise<ServiceBeat[]>;
  /** What the doctor found when it last looked at everything; undefined when it has not within a week. */
  readDiagnosis(): Promise<Diagnosis | undefined>;
  /** Whether the caller is to look at everything now, and nobody else for `holdMs` unless Redis becomes another run. */
  takeDoctorLease(holdMs: number): Promise<boolean>;
  dropDoctorLease(): Promise<void>;
  /** Notes this version's format for what is kept, if none of these services is of another version. */
  raiseFormat(services: readonly ServiceBeat[], version: string): Promise<void>;
  /** Resolves when Redis answers. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface StoreOptions {
  url: string;
  partition: string;
  /** Name of the connection in Redis' client list. */
  name: string;
  /** The local clock. */
  clock: Clock;
  retention?: Partial<Retention>;
  /** Absent: fast. */
  durability?: Durability;
}

/**
 * Connects. A Redis that isn't there yet is no error: operations throw STORE_UNAVAILABLE until it is; also when what it
 * turns out to keep has a format that this version doesn't know.
 *
 * @throws ConfigError when it is there and keeps such a format
 */
export const openStore = async ({
  url,
  partition,
  name,
  clock: local,
  retention,
  durability = "fast",
}: StoreOptions): Promise<Store> => {
  const redis = connect(url, name, partition);
  const clock = openStoreClock(redis, local);
  const context: StoreContext = {
    redis,
    keys: createKeys(partition),
    clock,
    retention: { ...DEFAULT_RETENTION, ...retention },
  };
  let refusal: ConfigError | undefined;
  let settling = Promise.resolve();
  // Also later: it may come from a copy of another time, or be empty.
  redis.on("ready", () => {
    settling = settleFormat(context).then(
      (found) => {
        refusal = found;
      },
      // One that takes no writes has no newer format for it.
      () => {},
    );
  });
  // It goes on trying by itself.
  await redis.connect().then(clock.sync, () => {});
  await settling;
  if (refusal) {
    clock.close();
    await disconnect(redis);
    throw refusal;
  }

  const guard =
    <Args extends unknown[], Result>(operation: (context: StoreContext, ...args: Args) => Promise<Result>) =>
    (...args: Args) => {
      if (refusal) return Promise.reject(unavailable(refusal.message));
      return orUnavailable(() => operation(context, ...args));
    };
  const replication =
    durability === "replicated"
      ? await openReplication({ redis, url, partition, name, markKey: context.keys.replicationMark })
      : undefined;
  /**
   * Of what callers are told has happened, also when it was found to have happened before. The lease needs none of this:
   * a replica that has a commit has all that was written before it.
   */
  const lasting = <Args extends unknown[], Result>(
    operation: (context: StoreContext, ...args: Args) => Promise<Result>,
  ) =>
    guard<Args, Result>((...args) =>
      replication ? replication.confirmed(() => operation(...args)) : operation(...args),
    );

  const reservations = createReservations();
  return {
    keys: context.keys,
    clock,
    retention: context.retention,
    enqueueTickets: joinEnqueues(lasting(enqueueTickets)),
    readAccepted: lasting(readAccepted),
    readTicket: guard(readTicket),
    changeTicket: lasting(changeTicket),
    endTicket: lasting(endTicket),
    connectPlayers: guard(connectPlayers),
    refreshPresence: guard(refreshPresence),
    disconnectPlayers: guard(disconnectPlayers),
    disconnectLost: guard(disconnectLost),
    markAbsent: guard(markAbsent),
    markAway: guard(markPlayerAway),
    markBack: guard(markPlayerBack),
    readPlayer: guard(readPlayer),
    readPlayerQueues: guard(readPlayerQueues),
    raiseVersions: guard(raiseVersions),
    sealPlayers: guard(sealPlayers),
    enterPlayers: guard(enterPlayers),
    readRatings: guard(readRatings),
    readPlayerRatings: guard(readPlayerRatings),
    readMatch: guard(readMatch),
    changeMatch: lasting(changeMatch),
    readOpenMatches: guard(readOpenMatches),
    claimDue: guard(claimDue),
    readSchedule: guard(readSchedule),
    countOverdue: guard(countOverdue),
    dropEnded: guard(dropEnded),
    readRange: guard(readRange),
    readWaiting: guard(readWaiting),
    retryTickets: guard(retryTickets),
    reserveTickets: guard(reservations.reserve),
    isReserved: (ticket) => reservations.isReserved(ticket, clock.now()),
    readQueueStats: guard(readQueueStats),
    holdLease: guard(holdLease),
    confirmCommit: (connection) =>
      replication ? orUnavailable(() => confirmOn(connection, context.keys.replicationMark)) : Promise.resolve(),
    leaseLeftMs: guard(leaseLeftMs),
    releaseLease: guard(releaseLease),
    instant: createInstantStore(context, replication),
    writeBeat: guard(writeBeat),
    forgetService: guard(forgetService),
    readServices: guard(readServices),
    readDiagnosis: guard(readDiagnosis),
    takeDoctorLease: guard(takeDoctorLease),
    dropDoctorLease: guard(dropDoctorLease),
    raiseFormat: guard(raiseFormat),
    ping: guard(async ({ redis }) => {
      await redis.ping();
    }),
    close: async () => {
      clock.close();
      await replication?.close();
      await disconnect(redis);
    },
  };
};
