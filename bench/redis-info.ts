import { connect, disconnect } from "@muster/store";
import type { Redis } from "ioredis";

/** What a Redis has done since it began, as it counts itself. */
export interface RedisInfo {
  /** CPU time of all its threads, in µs. */
  cpuMicros: number;
  /** Memory of its data and connections, bytes. */
  memoryBytes: number;
  /** How often each command was called, also from scripts and transactions. */
  calls: ReadonlyMap<string, number>;
  /** The time that each took, µs: a script's contains that of the commands it calls. */
  micros: ReadonlyMap<string, number>;
}

export interface CommandCost {
  command: string;
  calls: number;
  micros: number;
}

export interface RedisWatch {
  readonly redis: Redis;
  read(): Promise<RedisInfo>;
  /** Of the same only the CPU time: asking costs less. */
  cpuMicros(): Promise<number>;
  close(): Promise<void>;
}

export const watchRedis = async (url: string): Promise<RedisWatch> => {
  const redis = connect(url, "bench", "main");
  await redis.connect();
  return {
    redis,
    cpuMicros: async () => microsOf(await redis.info("cpu")),
    read: async () => {
      const [cpu, stats, memory] = await Promise.all([
        redis.info("cpu"),
        redis.info("commandstats"),
        redis.info("memory"),
      ]);
      const rows = [...stats.matchAll(/^cmdstat_([^:]+):calls=(\d+),usec=(\d+)/gm)].map(
        ([, command = "", calls, micros]) => ({ command: command.replace("|", " "), calls, micros }),
      );
      return {
        cpuMicros: microsOf(cpu),
        memoryBytes: Number(fieldOf(memory, "used_memory")),
        calls: new Map(rows.map(({ command, calls }) => [command, Number(calls)])),
        micros: new Map(rows.map(({ command, micros }) => [command, Number(micros)])),
      };
    },
    close: () => disconnect(redis),
  };
};

/** Calls of each command between two readings, the most frequent first. */
export const callsBetween = (before: RedisInfo, after: RedisInfo): [command: string, calls: number][] =>
  [...after.calls]
    .map(([command, calls]): [string, number] => [command, calls - (before.calls.get(command) ?? 0)])
    .filter(([, calls]) => calls > 0)
    .sort(([, a], [, b]) => b - a);

/** The same with the time they took, the most expensive first. */
export const costsBetween = (before: RedisInfo, after: RedisInfo): CommandCost[] =>
  callsBetween(before, after)
    .map(([command, calls]) => ({
      ...{ command, calls },
      micros: (after.micros.get(command) ?? 0) - (before.micros.get(command) ?? 0),
    }))
    .sort((a, b) => b.micros - a.micros);

const microsOf = (cpu: string): number =>
  (Number(fieldOf(cpu, "used_cpu_user")) + Number(fieldOf(cpu, "used_cpu_sys"))) * 1e6;

const fieldOf = (info: string, name: string): string | undefined => new RegExp(`^${name}:(\\S+)`, "m").exec(info)?.[1];
