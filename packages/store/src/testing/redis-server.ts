import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { freePort } from "./free-port.ts";

/** A Redis of a test's own: fresh, empty, without keyspace notifications, gone with everything it wrote when stopped. */
export interface TestRedis {
  url: string;
  port: number;
  /** Of the process that runs now; another after a restart. */
  pid: number;
  /** Ends it (SIGTERM) and starts it again on the same port: what CONFIG SET set is forgotten, data only kept by the AOF. */
  restart(): Promise<void>;
  /** Ends it at once (SIGKILL). `start` brings it back. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Stops it from answering while connections stay up (SIGSTOP), until `resume`. */
  pause(): void;
  resume(): void;
  /** Ends it and removes its folder. Succeeds if it had ended before. */
  stop(): Promise<void>;
}

export interface TestRedisOptions {
  /** Writes an append-only file at every command, so that data survives `restart` and `kill`. */
  appendOnly?: boolean;
  /** More settings, as on redis-server's command line. */
  args?: readonly string[];
  /** How long a start may take, with whatever has to be loaded. */
  startLimitMs?: number;
}

const SERVERS = ["redis-server", "valkey-server"];
const START_LIMIT_MS = 10_000;
const START_ATTEMPTS = 5;

export const startTestRedis = async (options: TestRedisOptions = {}): Promise<TestRedis> => {
  const folder = await mkdtemp(join(tmpdir(), "muster-redis-"));
  const settings = (port: number) => [
    ...["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--notify-keyspace-events", ""],
    ...(options.appendOnly ? ["--appendonly", "yes", "--appendfsync", "always"] : ["--appendonly", "no"]),
    ...(options.args ?? []),
  ];

  const { startLimitMs = START_LIMIT_MS } = options;
  let { child, port } = await startOnFreePort(settings, startLimitMs);
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill(signal);
    // A paused process obeys only once it is resumed.
    child.kill("SIGCONT");
    await exited;
  };
  const server: TestRedis = {
    url: `redis://127.0.0.1:${port}`,
    port,
    pid: pidOf(child),
    start: async () => {
      child = await startServer(port, settings(port), startLimitMs);
      server.pid = pidOf(child);
    },
    restart: async () => {
      await end("SIGTERM");
      await server.start();
    },
    kill: () => end("SIGKILL"),
    pause: () => void child.kill("SIGSTOP"),
    resume: () => void child.kill("SIGCONT"),
    stop: async () => {
      await end("SIGKILL");
      await rm(folder, { recursive: true, force: true });
    },
  };
  return server;
};

/** Between the choice of a free port and its use another process may take it; then another one is tried. */
const startOnFreePort = async (
  settings: (port: number) => string[],
  startLimitMs: number,
): Promise<{ child: ChildProcess; port: number }> => {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    try {
      return { child: await startServer(port, settings(port), startLimitMs), port };
    } catch (error) {
      if (attempt === START_ATTEMPTS) throw error;
    }
  }
};

/** Resolves when the server that was spawned, and no other on its port, answers. */
const startServer = async (port: number, args: readonly string[], limitMs: number): Promise<ChildProcess> => {
  let missing: unknown;
  for (const command of SERVERS) {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    try {
      await once(child, "spawn");
    } catch (error) {
      missing = error;
      continue;
    }
    const killWithUs = () => void child.kill("SIGKILL");
    process.once("exit", killWithUs);
    child.once("exit", () => process.off("exit", killWithUs));
    let output = "";
    const keep = (chunk: Buffer) => {
      output = (output + chunk).slice(-2_000);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    await untilReady(child, port, limitMs).catch((error) => {
      child.kill("SIGKILL");
      throw new Error(`${command} did not start: ${error}\n${output}`);
    });
    return child;
  }
  throw new Error(`neither ${SERVERS.join(" nor ")} can be started: ${missing}`);
};

const untilReady = async (child: ChildProcess, port: number, limitMs: number): Promise<void> => {
  const deadline = Date.now() + limitMs;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    if ((await servingPid(port)) === child.pid) return;
    await sleep(10);
  }
  throw new Error(`it did not answer within ${limitMs} ms`);
};

/** The process that serves the port; undefined while nobody does, or while it still loads its data. */
const servingPid = async (port: number): Promise<number | undefined> => {
  const redis = new Redis(port, "127.0.0.1", { lazyConnect: true, retryStrategy: () => null, enableReadyCheck: false });
  redis.on("error", () => {});
  try {
    await redis.connect();
    const info = await redis.info();
    return /^loading:1/m.test(info) ? undefined : Number(/^process_id:(\d+)/m.exec(info)?.[1]);
  } catch {
    return undefined;
  } finally {
    redis.disconnect();
  }
};

const pidOf = (child: ChildProcess): number => {
  if (child.pid === undefined) throw new Error("a child that was spawned has no pid");
  return child.pid;
};
