import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Redis } from "ioredis";
import { askRedis } from "./ask-redis.ts";
import { freePort } from "./free-port.ts";
import { startTestRedis, type TestRedis } from "./redis-server.ts";
import { type TestCertificates, tlsArgs } from "./test-certificates.ts";
import { until } from "./until.ts";

/** A master with two replicas, and three sentinels who watch them. */
export interface TestSentinels {
  url: string;
  /** The master as the sentinels see it. */
  master(): Promise<TestRedis>;
  /** The servers that are not the master, those that are down too. */
  replicas(): Promise<TestRedis[]>;
  /** Resolves when the master has both replicas, or the one that is left. */
  healthy(replicas: number): Promise<void>;
  /** Resolves when no fail-over is under way: all sentinels name one master, and all other servers that are up follow it. */
  settled(): Promise<void>;
  /** Has a replica made the master while that is alive, as for maintenance; resolves when the sentinels have begun. */
  failOver(): Promise<void>;
  /** Keeps the sentinels from answering, not the servers, until `resumeAll`. */
  pauseAll(): void;
  resumeAll(): void;
  stop(): Promise<void>;
}

const NAME = "games";
const SENTINELS = 3;
const LIMIT_MS = 30_000;
/** On two busy cores a new master is silent for 800 ms now and then, and is failed over in turn, again and again. */
const DOWN_AFTER_MS = 2_000;

/**
 * @param args more settings of each server
 * @param certificates with them sentinels and servers speak TLS, to each other too, and so does `url`
 */
export const startTestSentinels = async (
  args: readonly string[] = [],
  certificates?: TestCertificates,
): Promise<TestSentinels> => {
  await using held = new AsyncDisposableStack();
  const tlsOn = (port: number) => (certificates ? [...tlsArgs(certificates, port), "--tls-replication", "yes"] : []);
  /** With where clients and sentinels find each. */
  const start = async (more: readonly string[]) => {
    const tlsPort = await freePort();
    const all = ["--repl-diskless-sync-delay", "0", ...args, ...tlsOn(tlsPort), ...more];
    const server = held.adopt(await startTestRedis({ appendOnly: true, args: all }), (opened) => opened.stop());
    return { server, seenAt: certificates ? tlsPort : server.port };
  };
  const first = await start([]);
  const follows = ["--replicaof", "127.0.0.1", String(first.seenAt)];
  const started = [first, await start(follows), await start(follows)];
  const servers = started.map(({ server }) => server);
  const watching: Sentinel[] = [];
  const ports: number[] = [];
  /** For clients. */
  const seenAt: number[] = [];
  for (let count = 0; count < SENTINELS; count++) {
    const [port, tlsPort] = [await freePort(), await freePort()];
    ports.push(port);
    seenAt.push(certificates ? tlsPort : port);
    watching.push(held.adopt(await startSentinel(port, first.seenAt, tlsOn(tlsPort)), (child) => child.stop()));
  }
  const ask = <Answer>(work: (redis: Redis) => Promise<Answer>, sentinel = ports[0]) =>
    askRedis(`redis://127.0.0.1:${sentinel}`, work);
  const masterPort = async (sentinel?: number): Promise<string | undefined> => {
    const askFor = (redis: Redis) => redis.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME);
    const [, port] = (await ask(askFor, sentinel)) as string[];
    return port;
  };
  const master = async (): Promise<TestRedis> => {
    const port = await masterPort();
    const { server } = started.find((each) => String(each.seenAt) === port) ?? {};
    if (!server) throw new Error(`no server has port ${port}`);
    return server;
  };
  const replicas = async () => {
    const { port } = await master();
    return servers.filter((each) => each.port !== port);
  };
  const healthy = (replicas: number) =>
    until("the sentinels see a master with its replicas", LIMIT_MS, async () => {
      const info = await askRedis((await master()).url, (redis) => redis.info("replication"));
      return /role:master/.test(info) && (info.match(/state=online/g) ?? []).length >= replicas;
    });
  const settled = () =>
    until("no fail-over is under way", LIMIT_MS, async () => {
      const named = new Set(await Promise.all(ports.map((port) => masterPort(port))));
      const [port] = named;
      const roles = await Promise.all(
        started.map(async ({ server, seenAt }) => {
          const info = await askRedis(server.url, (redis) => redis.info("replication")).catch(() => undefined);
          if (info === undefined) return true;
          if (String(seenAt) === port) return info.includes("role:master");
          return info.includes("role:slave") && info.includes(`master_port:${port}\r`);
        }),
      );
      return named.size === 1 && roles.every(Boolean);
    });
  await healthy(2);
  await until("the sentinels know each other", LIMIT_MS, async () => {
    const others = (await ask((redis) => redis.call("SENTINEL", "SENTINELS", NAME))) as unknown[];
    return others.length === SENTINELS - 1;
  });
  const release = held.move();
  const hosts = seenAt.map((port) => `127.0.0.1:${port}`).join(",");
  const url = `${certificates ? "rediss" : "redis"}-sentinel://${hosts}/${NAME}`;
  const failOver = async () => void (await ask((redis) => redis.call("SENTINEL", "FAILOVER", NAME)));
  const signalAll = (signal: NodeJS.Signals) => () => {
    for (const sentinel of watching) sentinel.signal(signal);
  };
  const [pauseAll, resumeAll] = [signalAll("SIGSTOP"), signalAll("SIGCONT")];
  return { url, master, replicas, healthy, settled, failOver, pauseAll, resumeAll, stop: () => release.disposeAsync() };
};

interface Sentinel {
  signal(signal: NodeJS.Signals): void;
  stop(): Promise<void>;
}

const startSentinel = async (port: number, masterPort: number, args: readonly string[]): Promise<Sentinel> => {
  const folder = await mkdtemp(join(tmpdir(), "muster-sentinel-"));
  const file = join(folder, "sentinel.conf");
  const settings = [
    `port ${port}`,
    "bind 127.0.0.1",
    `dir ${folder}`,
    `sentinel monitor ${NAME} 127.0.0.1 ${masterPort} 2`,
    `sentinel down-after-milliseconds ${NAME} ${DOWN_AFTER_MS}`,
    `sentinel failover-timeout ${NAME} 5000`,
  ];
  await writeFile(file, settings.join("\n"));
  const child: ChildProcess = spawn("redis-server", [file, "--sentinel", ...args], { stdio: "ignore" });
  await once(child, "spawn");
  const killWithUs = () => void child.kill("SIGKILL");
  process.once("exit", killWithUs);
  return {
    signal: (signal) => void child.kill(signal),
    stop: async () => {
      process.off("exit", killWithUs);
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGKILL");
        await once(child, "exit");
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
};
