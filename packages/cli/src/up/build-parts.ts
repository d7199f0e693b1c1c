import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseRedisUrl } from "@muster/core/service";
import type { ChildOwner } from "./child.ts";
import { inProcessPart } from "./in-process-part.ts";
import type { Layout } from "./layout.ts";
import { trimLog } from "./log-file.ts";
import { findNginx, nginxArgs, writeNginxFiles } from "./nginx.ts";
import type { Part } from "./part.ts";
import { probeHttp } from "./probe.ts";
import { processPart, servicePart } from "./process-part.ts";
import { findRedis, probeRedis, redisArgs } from "./redis.ts";

export const redisDir = (dataDir: string): string => join(dataDir, "redis");
export const logsDir = (dataDir: string): string => join(dataDir, "logs");

/**
 * All parts of a system, in the order of the flow; none is started.
 * @throws SystemError when Redis or nginx is not installed
 */
export const buildParts = async (layout: Layout, env: NodeJS.ProcessEnv, owner: ChildOwner): Promise<Part[]> => {
  const logs = logsDir(layout.dataDir);
  mkdirSync(logs, { recursive: true });
  const services = layout.services.map((service) => {
    const logFile = join(logs, `${service.name}.log`);
    const settings = {
      ...env,
      MUSTER_NAME: service.name,
      MUSTER_HOST: "127.0.0.1",
      // nginx alone lets others in, and the options were checked for that.
      MUSTER_OPEN: "off",
      MUSTER_PORT: String(service.port),
      MUSTER_PARTITION: layout.partition,
      MUSTER_QUEUES: layout.queuesFile,
      MUSTER_API_URL: systemUrl(layout),
      MUSTER_LOG_LEVEL: layout.logLevel,
      REDIS_URL: layout.redisUrl,
      ...(layout.keysFile !== undefined && { MUSTER_KEYS: layout.keysFile }),
      ...(layout.webhooksFile !== undefined && { MUSTER_WEBHOOKS: layout.webhooksFile }),
      ...(layout.databaseUrl !== undefined && { DATABASE_URL: layout.databaseUrl }),
    };
    return layout.single ? inProcessPart(service, settings, logFile) : servicePart(service, settings, logFile, owner);
  });
  return [await redisPart(layout, env, owner), ...services, await nginxPart(layout, env, owner)];
};

const redisPart = async (layout: Layout, env: NodeJS.ProcessEnv, owner: ChildOwner): Promise<Part> => {
  const probe = () => probeRedis(layout.redisUrl);
  if (layout.redisPort === undefined) return foreignRedis(layout.redisUrl, probe);
  const dir = redisDir(layout.dataDir);
  mkdirSync(dir, { recursive: true });
  const spec = {
    command: await findRedis(env),
    args: redisArgs(layout.redisPort, dir),
    env,
    logFile: join(logsDir(layout.dataDir), "redis.log"),
    stopSignal: "SIGTERM",
  } as const;
  return processPart({ role: "redis", name: "redis", port: layout.redisPort, probe }, spec, owner);
};

/** A Redis that others run: it is there or it isn't, and it is not ours to start or stop. */
const foreignRedis = (url: string, probe: Part["probe"]): Part => ({
  role: "redis",
  name: "redis",
  port: parseRedisUrl(url)?.hosts[0]?.port ?? 0,
  pid: undefined,
  start: async () => {},
  probe,
  stop: async () => true,
  kill: () => false,
  killNow: () => {},
  lastLog: () => "",
});

const nginxPart = async (layout: Layout, env: NodeJS.ProcessEnv, owner: ChildOwner): Promise<Part> => {
  const prefix = join(layout.dataDir, "nginx");
  const portsOf = (role: string) => layout.services.filter((service) => service.role === role).map(({ port }) => port);
  await writeNginxFiles(prefix, {
    host: layout.host,
    port: layout.port,
    orchestrators: portsOf("orchestrator"),
    playservers: portsOf("playserver"),
    monitors: portsOf("monitor"),
  });
  trimLog(join(logsDir(layout.dataDir), "nginx-access.log"));
  const spec = {
    command: findNginx(env),
    args: nginxArgs(prefix),
    env,
    logFile: join(logsDir(layout.dataDir), "nginx.log"),
    // Lets calls in flight end first; see worker_shutdown_timeout in nginx.conf.
    stopSignal: "SIGQUIT",
  } as const;
  const probe = () => probeHttp(`${systemUrl(layout)}/readyz`);
  return processPart({ role: "nginx", name: "nginx", port: layout.port, probe }, spec, owner);
};

/** The address for callers on this machine. */
export const systemUrl = ({ host, port }: { host: string; port: number }): string => {
  const reachable = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return `http://${reachable.includes(":") ? `[${reachable}]` : reachable}:${port}`;
};
