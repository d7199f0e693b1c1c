import { setTimeout as delay } from "node:timers/promises";
import { MusterApiError, MusterConnectionError, RealmClient } from "@muster/client";
import type { Clock, QueueAnswer } from "@muster/core";
import { poissonArrivals } from "./arrivals.ts";
import { BadOptionError } from "./bad-option.ts";
import { Ledger } from "./ledger.ts";
import type { LoadOptions } from "./options.ts";
import { People } from "./people.ts";
import { readPopulation } from "./population.ts";
import { Realm } from "./realm.ts";
import { buildReport, type LoadReport } from "./report.ts";
import { seededRandom, shuffled } from "./seeded-random.ts";

export interface LoadProgress {
  phase: "sending" | "settling";
  elapsedMs: number;
  /** Infinity when they arrive until the signal. */
  forMs: number;
  enqueued: number;
  matched: number;
  cancelled: number;
  expired: number;
  /** Accepted and without an outcome so far. */
  waiting: number;
  /** Accepted per second, on average so far. */
  ratePerS: number;
}

export interface LoadIo {
  clock: Clock;
  /** Called a few times a second. */
  progress?: (progress: LoadProgress) => void;
  /** Stops the arrivals; what was sent is still settled and reported. */
  signal?: AbortSignal;
}

/** The run could not begin: no Muster there, or it isn't ready. */
export class CannotLoadError extends Error {
  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = "CannotLoadError";
  }
}

/** Arrivals are collected this long into one batch. */
const TICK_MS = 50;
/** Half of what the API takes: 500 players with pings to many regions could be larger than a body may be. */
const BATCH_MOST = 250;
const PROGRESS_MS = 250;
const SETTLE_CHECK_MS = 50;
/** After the grace time: how long a state may be on its way before its player counts as never told. */
const TELL_MS = 2_000;

/**
 * Offers real players to a running Muster at a given rate, as a game realm would, and reports what became of each.
 * The load is open: players arrive whether or not the server keeps up.
 *
 * @throws BadOptionError when an option can't be used, CannotLoadError when there is no Muster to load
 */
export const runLoad = async (options: LoadOptions, io: LoadIo): Promise<LoadReport> => {
  const { clock } = io;
  const began = clock.now();
  const seed = options.seed ?? began % 2 ** 32;
  const run = `${began.toString(36)}${seed.toString(36)}`;
  // Each kind of chance has a stream of its own, so that slow answers don't change who arrives when.
  const random = { people: seededRandom(seed), arrivals: seededRandom(seed + 1), realm: seededRandom(seed + 2) };
  const people = new People(shuffled(await readPopulation(options.population), random.people), run);
  const client = new RealmClient({ url: options.url, apiKey: options.apiKey, random: seededRandom(seed + 3) });
  const ledger = new Ledger(await findQueue(client, options));
  const realm = new Realm({ ...options, client, ledger, clock, random: random.realm });
  await client.connect().catch((error: unknown) => {
    throw cannotLoad(options.url, error);
  });
  const stopShowing = showProgress(ledger, options, io);
  try {
    const sent = await sendArrivals(realm, people, ledger, poissonArrivals(options.rate, random.arrivals), options, io);
    await settle(realm, ledger, options, clock);
    const { reconnects, socketErrors, cancelsAsked } = realm;
    return buildReport(ledger.lives.close(), ledger, {
      ...sent,
      ...{ reconnects, socketErrors, cancelsAsked },
      ...{ url: options.url, queue: options.queue, rate: options.rate, seed, run },
    });
  } finally {
    stopShowing();
    await realm.leave();
    await client.close();
  }
};

const findQueue = async (client: RealmClient, { url, queue }: LoadOptions): Promise<QueueAnswer> => {
  try {
    return await client.queue(queue, { attempts: 1 });
  } catch (error) {
    if (error instanceof MusterApiError && error.code === "QUEUE_NOT_FOUND") {
      throw new BadOptionError([`--queue: ${error.message}`]);
    }
    throw cannotLoad(url, error);
  }
};

const cannotLoad = (url: string, error: unknown): unknown => {
  if (error instanceof MusterConnectionError) {
    return new CannotLoadError(`${error.message}. Is it running? Start it with: npm start`, error);
  }
  if (!(error instanceof MusterApiError)) return error;
  return new CannotLoadError(`Muster at ${url} can't be loaded now: ${error.message} (status ${error.status})`, error);
};

const sendArrivals = async (
  realm: Realm,
  people: People,
  ledger: Ledger,
  arrivals: ReturnType<typeof poissonArrivals>,
  { forMs }: LoadOptions,
  { clock, signal }: LoadIo,
): Promise<Pick<LoadReport, "arrived" | "notSent" | "seconds" | "interrupted">> => {
  const startedAt = clock.now();
  const arrive = () => {
    const player = people.next((id) => ledger.lives.isFree(id));
    // At once: the same person may come again within this very batch.
    ledger.sent(player);
    return player;
  };
  let arrived = 0;
  let notSent = 0;
  let elapsedMs = 0;
  while (elapsedMs < forMs && !signal?.aborted) {
    // An abort ends the wait early; the loop's condition sees it.
    await delay(TICK_MS, undefined, signal && { signal }).catch(() => {});
    elapsedMs = Math.min(forMs, clock.now() - startedAt);
    let due = arrivals.until(elapsedMs);
    arrived += due;
    while (due > 0) {
      const size = Math.min(due, BATCH_MOST);
      due -= size;
      if (!realm.hasRoom) notSent += size;
      else realm.send(Array.from({ length: size }, arrive));
    }
    realm.throwDefect();
  }
  return { arrived, notSent, seconds: elapsedMs / 1_000, interrupted: forMs !== Infinity && elapsedMs < forMs };
};

/** Waits for the rest, and finds out what became of those of whom nothing was heard. */
const settle = async (realm: Realm, ledger: Ledger, { graceMs }: LoadOptions, clock: Clock): Promise<void> => {
  await realm.allAnswered();
  await realm.readUnanswered();
  const graceEnds = clock.now() + graceMs;
  while (ledger.lives.counts().waiting > 0 && clock.now() < graceEnds) await delay(SETTLE_CHECK_MS);
  await realm.stopActing();
  await realm.readUnsettled();
  const tellEnds = clock.now() + TELL_MS;
  while ((ledger.lives.unsettled().length > 0 || ledger.lives.untold().length > 0) && clock.now() < tellEnds) {
    await delay(SETTLE_CHECK_MS);
    await realm.readUnsettled();
  }
  realm.throwDefect();
};

const showProgress = (ledger: Ledger, { forMs }: LoadOptions, { clock, progress, signal }: LoadIo): (() => void) => {
  if (!progress) return () => {};
  const startedAt = clock.now();
  let sentForMs = 0;
  const show = () => {
    const elapsedMs = clock.now() - startedAt;
    const phase = elapsedMs < forMs && !signal?.aborted ? "sending" : "settling";
    if (phase === "sending") sentForMs = elapsedMs;
    const { enqueued, matched, cancelled, expired, waiting } = ledger.lives.counts();
    const ratePerS = sentForMs === 0 ? 0 : enqueued / (sentForMs / 1_000);
    progress({ phase, elapsedMs, forMs, enqueued, matched, cancelled, expired, waiting, ratePerS });
  };
  const timer = setInterval(show, PROGRESS_MS);
  return () => clearInterval(timer);
};
