import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Random } from "@muster/core";
import { type Counts, type PlannedService, planServices } from "./plan.ts";
import { findPorts, type PortNeed } from "./ports.ts";
import { shippedFile } from "./roles.ts";

export interface LayoutOptions extends Partial<Omit<Counts, "webhooks" | "archivers">> {
  /** Where nginx listens. Everything else listens on 127.0.0.1 only. */
  host?: string;
  /** nginx's port. This and the next two: absent means free ports, found by chance. */
  port?: number;
  /** The first of the services' ports. */
  basePort?: number;
  redisPort?: number;
  /** A Redis that runs already; then none is started. */
  redisUrl?: string;
  /** A queues file; absent: the one that Muster ships. */
  queues?: string;
  /** A keys file; absent: nobody needs a key. */
  keys?: string;
  partition?: string;
  /** A file of webhooks; with it, the role webhooks runs. */
  webhooks?: string;
  /** A PostgreSQL, as postgres://user:password@host/database; with it, the role archiver runs. */
  databaseUrl?: string;
  /** Where data and logs are kept; absent: a temporary directory that is removed at the end. */
  data?: string;
  logLevel?: string;
  /** All services in this process, instead of one process each. */
  single?: boolean;
}

/** What runs where: the options with every gap filled. */
export interface Layout {
  host: string;
  port: number;
  services: PlannedService[];
  redisUrl: string;
  /** Absent when the Redis isn't ours to start. */
  redisPort?: number;
  queuesFile: string;
  /** Absent when nobody needs a key. */
  keysFile?: string;
  partition: string;
  /** Absent when the role webhooks doesn't run. */
  webhooksFile?: string;
  /** Absent when the role archiver doesn't run. Holds a password: not to be shown. */
  databaseUrl?: string;
  dataDir: string;
  dataIsTemporary: boolean;
  logLevel: string;
  single: boolean;
}

export const DEFAULT_COUNTS: Counts = { orchestrators: 2, sweepers: 1, matchmakers: 2, movers: 2, playservers: 2 };

export const planLayout = async (options: LayoutOptions, random: Random): Promise<Layout> => {
  const { webhooks, databaseUrl } = options;
  const counts: Counts = {
    orchestrators: options.orchestrators ?? DEFAULT_COUNTS.orchestrators,
    sweepers: options.sweepers ?? DEFAULT_COUNTS.sweepers,
    matchmakers: options.matchmakers ?? DEFAULT_COUNTS.matchmakers,
    movers: options.movers ?? DEFAULT_COUNTS.movers,
    playservers: options.playservers ?? DEFAULT_COUNTS.playservers,
    ...optionalCounts(options),
  };
  const { port, basePort, redisPort } = await choosePorts(options, planServices(counts, 0).length, random);
  return {
    host: options.host ?? "127.0.0.1",
    port,
    services: planServices(counts, basePort),
    ...(options.redisUrl === undefined
      ? { redisUrl: `redis://127.0.0.1:${redisPort}`, redisPort }
      : { redisUrl: options.redisUrl }),
    queuesFile: options.queues === undefined ? fileURLToPath(shippedFile("queues.json")) : resolve(options.queues),
    ...(options.keys !== undefined && { keysFile: resolve(options.keys) }),
    partition: options.partition ?? "main",
    ...(webhooks !== undefined && { webhooksFile: resolve(webhooks) }),
    ...(databaseUrl !== undefined && { databaseUrl }),
    dataDir: options.data === undefined ? mkdtempSync(join(tmpdir(), "muster-")) : resolve(options.data),
    dataIsTemporary: options.data === undefined,
    logLevel: options.logLevel ?? "info",
    single: options.single ?? false,
  };
};

/** The roles that run only where something says what for. */
export const optionalCounts = (options: {
  webhooks?: string;
  databaseUrl?: string;
}): Pick<Counts, "webhooks" | "archivers"> => ({
  webhooks: options.webhooks === undefined ? 0 : 1,
  archivers: options.databaseUrl === undefined ? 0 : 1,
});

const choosePorts = async (options: LayoutOptions, services: number, random: Random) => {
  const { port, basePort, redisPort } = options;
  if (port !== undefined && basePort !== undefined && redisPort !== undefined) return { port, basePort, redisPort };
  const free = await findPorts(services + 2, random);
  return { port: port ?? free, redisPort: redisPort ?? free + 1, basePort: basePort ?? free + 2 };
};

/** The ports that must be free before anything is started, and the options that change them. */
export const portNeeds = ({ host, port, redisPort, services }: Layout): PortNeed[] => [
  { port, host, holder: "nginx", setting: "--port (MUSTER_PORT)" },
  ...(redisPort === undefined
    ? []
    : [{ port: redisPort, host: "127.0.0.1", holder: "redis", setting: "--redis-port (MUSTER_REDIS_PORT)" }]),
  ...services.map((service) => ({
    port: service.port,
    host: "127.0.0.1",
    holder: service.name,
    setting: "--base-port (MUSTER_BASE_PORT)",
  })),
];
