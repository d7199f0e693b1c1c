import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { availableParallelism, cpus, release, totalmem, type } from "node:os";
import { promisify } from "node:util";
import { findNginx, findRedis } from "@muster/cli";
import { type MemoryLatency, measureMemoryLatency } from "./memory-latency.ts";

/** What the figures were measured on. Nothing in it tells whose machine it is. */
export interface Machine {
  cpu: string;
  /** Cores that this process may use. */
  cores: number;
  memoryGiB: number;
  os: string;
  /** Just then. */
  latency: MemoryLatency;
}

/** "unknown" where a program doesn't tell. */
export interface Versions {
  node: string;
  redis: string;
  nginx: string;
  muster: string;
}

export const describeMachine = (): Machine => ({
  cpu: cpus()[0]?.model.trim() ?? "unknown",
  cores: availableParallelism(),
  memoryGiB: Math.round((totalmem() / 2 ** 30) * 10) / 10,
  os: `${type()} ${release()}`,
  latency: measureMemoryLatency(),
});

export const readVersions = async (env: NodeJS.ProcessEnv): Promise<Versions> => {
  const [redis, nginx, manifest] = await Promise.all([
    versionOf(await findRedis(env), "--version", /\bv=([\d.]+)/),
    versionOf(findNginx(env), "-v", /nginx\/([\d.]+)/),
    readFile(new URL("../package.json", import.meta.url), "utf8"),
  ]);
  const { version }: { version: string } = JSON.parse(manifest);
  return { node: process.versions.node, redis, nginx, muster: version };
};

const versionOf = async (program: string, flag: string, pattern: RegExp): Promise<string> => {
  // nginx tells its version on stderr.
  const { stdout, stderr } = await promisify(execFile)(program, [flag], { timeout: 5_000 });
  return pattern.exec(stdout + stderr)?.[1] ?? "unknown";
};
