import { hostname } from "node:os";
import { performance } from "node:perf_hooks";
import type { ServiceBeat } from "@muster/core";
import type { Store } from "../store.ts";

const EVERY_MS = 1_000;
/** Of what a service holds, so many are named. */
const NAMED = 20;

export interface BeatOptions {
  store: Pick<Store, "writeBeat" | "forgetService" | "clock">;
  name: string;
  role: string;
  version: string;
  /** What there is to say of the role right now. */
  figures?: () => ServiceBeat["figures"] | Promise<ServiceBeat["figures"]>;
}

/** A service's pulse, and what it tells with it. */
export interface Beats {
  /** Says that something is or was just being worked on: a ticket, a match, a player. */
  holds(ids: readonly string[]): void;
  /** Stops, and has the service forgotten: it did not die. */
  close(): Promise<void>;
}

/** Tells of a service once a second, as long as Redis is there to be told; a beat that fails is left out. */
export const startBeats = ({ store, name, role, version, figures = () => ({}) }: BeatOptions): Beats => {
  const startedAt = store.clock.now();
  let held = 0;
  let ids: string[] = [];
  let cpu = process.cpuUsage();
  let loop = performance.eventLoopUtilization();
  let at = performance.now();

  const readLoad = (): ServiceBeat["load"] => {
    const used = process.cpuUsage(cpu);
    const busy = performance.eventLoopUtilization(loop);
    const now = performance.now();
    const cpuShare = (used.user + used.system) / 1_000 / Math.max(1, now - at);
    cpu = process.cpuUsage();
    loop = performance.eventLoopUtilization();
    at = now;
    return {
      cpuShare: round(cpuShare),
      rssMiB: Math.round(process.memoryUsage.rss() / 2 ** 20),
      loopShare: round(busy.utilization),
    };
  };

  const beat = async () => {
    // What can't be found out now is told with the next beat.
    const told = await Promise.resolve(figures()).catch(() => ({}));
    const said: ServiceBeat = {
      ...{ name, role, version, host: hostname(), pid: process.pid, startedAt, at: store.clock.now() },
      load: readLoad(),
      holds: { count: held, ids: ids.slice(-NAMED).reverse() },
      figures: told,
    };
    held = 0;
    ids = [];
    await store.writeBeat(said).catch(() => {});
  };
  // Whoever starts it may need it for what it tells of.
  let beating = Promise.resolve().then(beat);
  const timer = setInterval(() => {
    beating = beating.then(beat);
  }, EVERY_MS).unref();

  return {
    holds: (more) => {
      held += more.length;
      ids.push(...more.slice(-NAMED));
      // Called for every change that a playserver tells: trimmed seldom, and wholly when it is told.
      if (ids.length > 50 * NAMED) ids = ids.slice(-NAMED);
    },
    close: async () => {
      clearInterval(timer);
      await beating;
      await store.forgetService(name).catch(() => {});
    },
  };
};

const round = (share: number): number => Math.round(share * 1_000) / 1_000;
