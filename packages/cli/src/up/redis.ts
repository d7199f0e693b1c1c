import { execFile } from "node:child_process";
import { connect, isIP } from "node:net";
import { connect as connectTls } from "node:tls";
import { promisify } from "node:util";
import { parseRedisUrl, type RedisAddress } from "@muster/core/service";
import { findProgram } from "./find-program.ts";
import type { Probe } from "./probe.ts";
import { SystemError } from "./system-error.ts";

const LIMIT_MS = 2_000;
const OLDEST = 7;

/**
 * The Redis or Valkey server of this machine, the first that is new enough.
 *
 * @throws SystemError when there is none, or all are older than Redis 7
 */
export const findRedis = async (env: NodeJS.ProcessEnv): Promise<string> => {
  const tooOld: string[] = [];
  for (const name of ["redis-server", "valkey-server"]) {
    const program = findProgram([name], env);
    if (program === undefined) continue;
    const { stdout } = await promisify(execFile)(program, ["--version"]);
    if (Number(/v=(\d+)/.exec(stdout)?.[1]) >= OLDEST) return program;
    tooOld.push(`${program} is too old: Muster needs Redis ${OLDEST} or newer (${stdout.trim()})`);
  }
  throw new SystemError(
    tooOld.length > 0
      ? tooOld.join("\n")
      : "found no redis-server and no valkey-server. Install one (Debian: apt install redis-server), or give the " +
          "address of a Redis that runs elsewhere with --redis-url (REDIS_URL).",
  );
};

/** Muster keeps all that it knows in Redis, so Redis writes each change to a file, and to disk each second. */
export const redisArgs = (port: number, dir: string): string[] =>
  [
    ["--bind", "127.0.0.1"],
    ["--protected-mode", "yes"],
    ["--port", String(port)],
    ["--daemonize", "no"],
    ["--dir", dir],
    ["--appendonly", "yes"],
    ["--appendfsync", "everysec"],
    // To compact 64 MB at every doubling, as by default, costs a busy Muster half as much CPU again as Redis itself.
    ["--auto-aof-rewrite-min-size", "1gb"],
    // Records are too short for it: 8 % of the compacted file, for a third of the CPU.
    ["--rdbcompression", "no"],
    ["--save", ""],
    // Without an eviction policy a full Redis refuses writes, which callers learn; with one it would forget players.
    ["--maxmemory-policy", "noeviction"],
    // K$: changes of player states, which the playservers listen to.
    ["--notify-keyspace-events", "K$"],
    // Records of tickets and matches stay packed though their JSON is longer than 64 bytes: 40 % less memory, no more CPU.
    ["--hash-max-listpack-value", "2304"],
  ].flat();

/**
 * Ready is a Redis that answers and has its data in memory. One that asks for a password first counts as ready. Of
 * sentinels or a cluster's nodes one has to answer.
 */
export const probeRedis = async (url: string): Promise<Probe> => {
  const { hosts, tls } = parseRedisUrl(url) ?? { hosts: [], tls: false };
  const probes = await Promise.all(hosts.map((host) => probeServer(host, tls)));
  return probes.find(({ ready }) => ready) ?? probes[0] ?? { ready: false, said: "it has no address" };
};

const probeServer = (address: RedisAddress["hosts"][number], tls: boolean): Promise<Probe> =>
  new Promise((resolve) => {
    const socket = tls
      ? connectTls({ ...address, ...(!isIP(address.host) && { servername: address.host }) })
      : connect(address);
    const end = (probe: Probe) => {
      socket.destroy();
      resolve(probe);
    };
    socket.setTimeout(LIMIT_MS, () => end({ ready: false, said: `no answer within ${LIMIT_MS} ms` }));
    socket.on("error", (error) => end({ ready: false, said: error.message }));
    socket.on("close", () => end({ ready: false, said: "the connection was closed" }));
    socket.once("data", (reply) => {
      const said = reply.toString("utf8").trim();
      end({ ready: /^(\+PONG|-NOAUTH)/.test(said), said });
    });
    socket.write("PING\r\n");
  });
