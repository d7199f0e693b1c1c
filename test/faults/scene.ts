import { type RunningSystem, type SystemProcess, shuffled } from "@muster/cli";
import type { Random } from "@muster/core";
import type { TestRedis } from "@muster/store/testing";
import type { HttpProxies } from "./http-proxies.ts";
import type { RedisProxy } from "./redis-proxy.ts";

/** What a fault works on. */
export interface Scene {
  system: RunningSystem;
  redis: TestRedis;
  proxy: RedisProxy;
  http: HttpProxies;
  players: readonly string[];
  random: Random;
  /** Where processes look how far their clock is to be off: see skew-clock.mjs. */
  clocks: string;
  /** To be told the partitions from which a fault takes the leader. */
  tookLeaderOf: (partitions: readonly string[]) => void;
}

/** Breaks something and, where it doesn't heal by itself, mends it. */
export type Fault = (scene: Scene) => Promise<void>;

export const pick = <Item>(items: readonly Item[], random: Random): Item => {
  const item = items[Math.floor(random.next() * items.length)];
  if (item === undefined) throw new Error("there is nothing to pick");
  return item;
};

/** A mover and the partitions that it leads. */
export interface Leader {
  process: SystemProcess;
  led: readonly string[];
}

/** All movers, those that lead first; in an order of their own each time. */
export const movers = async ({ system, random }: Scene): Promise<Leader[]> => {
  const all = shuffled(
    system.processes.filter(({ role }) => role === "mover"),
    random,
  );
  const probes = await Promise.all(all.map((each) => each.probe()));
  return all
    .map((process, index) => ({ process, led: leadsOf(probes[index]?.body) }))
    .sort((a, b) => Math.sign(b.led.length) - Math.sign(a.led.length));
};

const leadsOf = (body: unknown): readonly string[] =>
  typeof body === "object" && body !== null && "leads" in body && Array.isArray(body.leads)
    ? body.leads.map(String)
    : [];
