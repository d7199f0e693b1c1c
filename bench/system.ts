import { rmSync } from "node:fs";
import { type RunningSystem, type SystemOptions, startSystem } from "@muster/cli";
import type { BenchContext } from "./bench.ts";
import type { Measured } from "./cpu.ts";

export interface BenchSystem extends AsyncDisposable {
  readonly url: string;
  readonly redisUrl: string;
  /** Holds the services' logs. */
  readonly dataDir: string;
  /** Its processes as they are now. The last one is ours, which starts and watches them as `muster up` does. */
  measured(): Measured[];
  roleOf(name: string): string;
  /** The port of one of its processes, beside nginx. */
  portOf(name: string): number;
  /** What a reader must know: which processes died. */
  notes(): string[];
}

/** The name that our own process has among a system's. */
export const SUPERVISOR = "supervisor";

/**
 * The whole of Muster in its default layout, each service a process, on free ports and with fresh data.
 *
 * @param queues file; absent: the one that Muster ships
 * @param options where the layout differs from the default
 */
export const startBenchSystem = async (
  { say, signal }: Pick<BenchContext, "say" | "signal">,
  queues?: string,
  options: SystemOptions = {},
): Promise<BenchSystem> => {
  signal.throwIfAborted();
  const deaths: string[] = [];
  say("starting Redis, the services and nginx");
  const system: RunningSystem = await startSystem({
    ...options,
    ...(queues !== undefined && { queues }),
    onEvent: (event) => {
      if (event.kind === "died") deaths.push(`${event.name} died during the run (${event.signal ?? event.code}).`);
    },
  });
  // Whoever can't wait for stop() leaves nothing behind either.
  const killNow = () => {
    system.killNow();
    rmSync(system.dataDir, { recursive: true, force: true });
  };
  process.once("exit", killNow);
  return {
    url: system.url,
    redisUrl: system.redisUrl,
    dataDir: system.dataDir,
    measured: () => [
      ...system.processes.map(({ name, pid }) => ({ name, pid })),
      { name: SUPERVISOR, pid: process.pid },
    ],
    roleOf: (name) => system.processes.find((each) => each.name === name)?.role ?? name,
    portOf: (name) => system.processes.find((each) => each.name === name)?.port ?? 0,
    notes: () => [...deaths],
    async [Symbol.asyncDispose]() {
      await system.stop();
      process.off("exit", killNow);
    },
  };
};
