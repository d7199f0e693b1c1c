import { Samples } from "@muster/cli";
import { type CpuReading, cpuBetween, type Measured, readCpu } from "../cpu.ts";
import { costsBetween, type RedisInfo, type RedisWatch } from "../redis-info.ts";
import type { Crowd } from "./crowd.ts";
import type { Offered } from "./enqueue-process.ts";
import type { Told } from "./told-book.ts";

/** The state of things at one moment. */
export interface Reading {
  cpu: CpuReading | null;
  redis: RedisInfo;
  told: number;
}

/** @param watcher knows how many were told */
export const read = async (
  info: RedisWatch,
  measured: Measured[],
  watcher: { ask(name: "toldCount", argument: undefined): Promise<number> },
): Promise<Reading> => ({
  cpu: readCpu(measured),
  redis: await info.read(),
  told: await watcher.ask("toldCount", undefined),
});

export interface Waits {
  /** From when a player was to arrive until it was told that it is in a match. Who was not told counts until the end. */
  waitMs: Samples;
  /** The same of those whose opponent waited already, and suited them at once. */
  opponentWaitedMs: Samples;
  /** By the second in which they were to arrive, from the first on, also those at the beginning. */
  seconds: Second[];
}

export interface Second {
  /** Players who were told in this second. */
  told: number;
  refused: number;
  /** Of those who arrived in this second and were not refused. */
  waitMs: Samples;
}

/**
 * Those who were refused wait for nothing, and are left out.
 *
 * @param skip players at the beginning that are not measured
 */
export const waits = (
  { dueAt, refused }: Pick<Offered, "dueAt" | "refused">,
  told: Told,
  crowd: Crowd,
  endAt: number,
  skip: number,
): Waits => {
  const [waitMs, opponentWaitedMs] = [new Samples(), new Samples()];
  const refusedOnes = new Set(refused);
  const beginAt = dueAt[0] ?? 0;
  const seconds = Array.from({ length: Math.ceil((endAt - beginAt) / 1_000) }, newSecond);
  const secondOf = (at: number) => seconds[Math.floor((at - beginAt) / 1_000)];
  for (let index = 0; index < dueAt.length; index++) {
    const at = told.at[index] ?? Number.NaN;
    const came = dueAt[index] ?? 0;
    const wait = (Number.isNaN(at) ? endAt : at) - came;
    const arrival = secondOf(came);
    if (arrival && refusedOnes.has(index)) arrival.refused += 1;
    if (refusedOnes.has(index)) continue;
    arrival?.waitMs.add(wait);
    const toldIn = secondOf(at);
    if (toldIn) toldIn.told += 1;
    if (index < Math.floor(skip)) continue;
    waitMs.add(wait);
    const other = told.opponent[index] ?? -1;
    if (other >= 0 && (dueAt[other] ?? 0) < came && suits(crowd, index, other)) opponentWaitedMs.add(at - came);
  }
  return { waitMs, opponentWaitedMs, seconds };
};

const newSecond = (): Second => ({ told: 0, refused: 0, waitMs: new Samples() });

/** duel's first step. */
const [ELO_SPREAD, PING_SPREAD_MS] = [25, 60];

const suits = (crowd: Crowd, one: number, other: number): boolean => {
  const [first, second] = [crowd.person(one), crowd.person(other)];
  return (
    Math.abs(first.elo - second.elo) <= ELO_SPREAD && Math.abs(first.avgPingMs - second.avgPingMs) <= PING_SPREAD_MS
  );
};

/** CPU while players arrived, over those who were told in that time. */
export const costs = (before: Reading, after: Reading, roleOf: (name: string) => string) => {
  const toldMeanwhile = Math.max(1, after.told - before.told);
  const redisMicrosPerPlayer = (after.redis.cpuMicros - before.redis.cpuMicros) / toldMeanwhile;
  const commands = costsBetween(before.redis, after.redis);
  if (!before.cpu || !after.cpu)
    return { toldMeanwhile, redisMicrosPerPlayer, commands, microsPerPlayer: null, otherCores: 0 };
  const { cores, otherCores } = cpuBetween(before.cpu, after.cpu);
  const elapsedMicros = (after.cpu.at - before.cpu.at) * 1_000;
  const microsPerPlayer: Record<string, number> = { all: 0 };
  for (const [name, used] of cores) {
    const role = roleOf(name);
    const micros = (used * elapsedMicros) / toldMeanwhile;
    microsPerPlayer[role] = (microsPerPlayer[role] ?? 0) + micros;
    microsPerPlayer.all = (microsPerPlayer.all ?? 0) + micros;
  }
  return { toldMeanwhile, redisMicrosPerPlayer, commands, microsPerPlayer, otherCores };
};
