/** One of Muster's services as a process of a bench: as it ships, with a log that counts conflicts. */
import type { BaseConfig, Running, Service } from "@muster/core/service";
import { matchmaker } from "@muster/matchmaker";
import { mover } from "@muster/mover";
import { sweeper } from "@muster/orchestrator";
import { playserver } from "@muster/playserver";
import { pino } from "pino";
import { answerCalls, type Calls } from "../child.ts";

const ROLES = { matchmaker, mover, playserver, sweeper };
export type PipelineRole = keyof typeof ROLES;

/** What it warned of. */
export interface Troubles {
  count: number;
  first?: string;
}

export interface RoleCalls extends Calls {
  start(order: { role: PipelineRole; env: Record<string, string> }): Promise<{ port: number }>;
  /** Proposals that conflicted since it started. */
  conflicts(): number;
  troubles(): Troubles;
  stop(): Promise<void>;
}

let running: Running | undefined;
let conflicts = 0;
const troubles: Troubles = { count: 0 };

/** pino's */
const WARN = 40;

const onLine = (line: string) => {
  const entry: { level: number; msg: string; matches?: unknown } = JSON.parse(line);
  // The mover names each one; what else is said at that level is no concern here.
  if (entry.msg === "proposals conflicted" && Array.isArray(entry.matches)) conflicts += entry.matches.length;
  else if (entry.level >= WARN) {
    troubles.count += 1;
    troubles.first ??= line;
  }
};

const startRole = async <Config extends BaseConfig>(service: Service<Config>, env: Record<string, string>) => {
  running = await service.start(service.readConfig(env), pino({ level: "debug" }, { write: onLine }));
  return { port: running.port };
};

answerCalls({
  start: ({ role, env }) => startRole(ROLES[role] as Service, env),
  conflicts: () => conflicts,
  troubles: () => troubles,
  stop: async () => running?.stop(),
} satisfies RoleCalls as Calls);
