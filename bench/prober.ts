import { setTimeout as sleep } from "node:timers/promises";
import { Samples } from "@muster/cli";
import { RealmClient } from "@muster/client";
import type { Random, StateFrame } from "@muster/core";
import type { Figures } from "./bench.ts";

/**
 * Measures how soon a player is matched whose match already waits.
 *
 * Each probe has an elo that nobody of the population comes near, so just two players fit: A is enqueued and waits until
 * its own first search is surely over; then B is enqueued, and the time is taken from B's answer to the arrival of B's
 * `inmatch` state, both on this process' clock. Probes begin at a steady pace and overlap.
 */
export interface ProbeOptions {
  url: string;
  queue: string;
  count: number;
  /** One probe begins each so often. */
  everyMs: number;
  random: Random;
  signal: AbortSignal;
}

/** Far from the population (up to 2,217) and from each other, so that no two probes share a search. */
const LOWEST_ELO = 4_000;
const ELO_STEP = 200;
const ELO_STEPS = 30;
/** The first search begins some ms after the answer; the next one comes a second after it. */
const SEARCHED_AFTER_MS = 300;
/** B comes at any moment between two searches for A, not always at the same one. */
const COMES_WITHIN_MS = 700;
const LIMIT_MS = 10_000;

/** How long each part of the way took, in ms. Whole ms where two processes' clocks are compared. */
export class ProbeTimes {
  /** The enqueue of B, as its caller sees it. */
  readonly answerMs = new Samples();
  /** From B's answer to its `inmatch` state; 0 when the state came first. */
  readonly matchedMs = new Samples();
  /** From B's ticket to the commit of its match: gathering, search and commit. */
  readonly commitMs = new Samples();
  /** From the commit to the arrival of the state. */
  readonly notifyMs = new Samples();
  /** Probes that were not matched in time, or of which a call failed. */
  missed = 0;
  /** Why the first of them failed. */
  firstMiss: unknown;

  figures(): Figures {
    return {
      count: this.matchedMs.count,
      missed: this.missed,
      matchedMs: percentiles(this.matchedMs),
      enqueueAnswerMs: percentiles(this.answerMs),
      ticketToCommitMs: percentiles(this.commitMs),
      commitToNotifiedMs: percentiles(this.notifyMs),
    };
  }
}

const percentiles = (samples: Samples): Figures => ({
  p50: samples.percentile(50),
  p90: samples.percentile(90),
  p99: samples.percentile(99),
});

export const runProbes = async (options: ProbeOptions): Promise<ProbeTimes> => {
  const { url, count, everyMs, random, signal } = options;
  const times = new ProbeTimes();
  const client = new RealmClient({ url, random });
  const states = watchStates(client);
  await client.connect();
  try {
    const probes: Promise<void>[] = [];
    const startAt = performance.now();
    for (let index = 0; index < count; index++) {
      await sleep(Math.max(0, startAt + index * everyMs - performance.now()), undefined, { signal });
      const waitMs = SEARCHED_AFTER_MS + random.next() * COMES_WITHIN_MS;
      const probe = runProbe({ ...options, client, states, times }, index, waitMs).catch((error: unknown) => {
        times.missed += 1;
        times.firstMiss ??= error;
      });
      probes.push(probe);
    }
    await Promise.all(probes);
    signal.throwIfAborted();
    return times;
  } finally {
    await client.close();
  }
};

interface Tools extends ProbeOptions {
  client: RealmClient;
  states: States;
  times: ProbeTimes;
}

const runProbe = async (tools: Tools, index: number, waitMs: number): Promise<void> => {
  const { client, states, times, queue, signal } = tools;
  const elo = LOWEST_ELO + (index % ELO_STEPS) * ELO_STEP;
  const [first, second] = [`probe-a${index}`, `probe-b${index}`];
  const enqueue = (id: string) => client.enqueue(queue, { players: [{ id, elo, avgPingMs: 50 }] }, { signal });
  client.watch([first, second]);
  try {
    await enqueue(first);
    await Promise.all([states.until(first, "inqueue", signal), sleep(waitMs, undefined, { signal })]);

    const told = states.until(second, "inmatch", signal);
    // It is awaited below; should the enqueue fail before, it must not count as unhandled.
    told.catch(() => {});
    const askedAt = performance.now();
    const ticket = await enqueue(second);
    const answeredAt = performance.now();
    const { frame, at, wallClock } = await told;

    times.answerMs.add(answeredAt - askedAt);
    times.matchedMs.add(Math.max(0, at - answeredAt));
    times.commitMs.add(frame.at - ticket.createdAt);
    times.notifyMs.add(wallClock - frame.at);
    if (frame.match !== undefined) await client.endMatch(frame.match, undefined, { signal });
  } finally {
    client.unwatch([first, second]);
    states.forget([first, second]);
  }
};

interface Told {
  frame: StateFrame;
  /** When it arrived, on this process' own clock. */
  at: number;
  /** The same, ms since the epoch. */
  wallClock: number;
}

interface States {
  /** Rejects after 10 s, or with the signal's reason. */
  until(player: string, state: StateFrame["state"], signal: AbortSignal): Promise<Told>;
  forget(players: readonly string[]): void;
}

const watchStates = (client: RealmClient): States => {
  const newest = new Map<string, Told>();
  const waiting = new Map<string, () => void>();
  client.on("state", (frame) => {
    newest.set(frame.player, { frame, at: performance.now(), wallClock: Date.now() });
    waiting.get(frame.player)?.();
  });
  return {
    until: (player, state, signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<Told>();
      const limit = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
      const check = () => {
        const told = newest.get(player);
        if (told?.frame.state === state) resolve(told);
      };
      const giveUp = () => {
        const last = newest.get(player)?.frame.state ?? "not told of";
        reject(signal.aborted ? signal.reason : new Error(`${player} is ${last} after ${LIMIT_MS / 1_000} s`));
      };
      limit.addEventListener("abort", giveUp);
      waiting.set(player, check);
      check();
      return promise.finally(() => {
        limit.removeEventListener("abort", giveUp);
        waiting.delete(player);
      });
    },
    forget: (players) => {
      for (const player of players) newest.delete(player);
    },
  };
};
