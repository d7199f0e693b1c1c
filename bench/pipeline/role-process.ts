/** One of Muster's services as a process of a bench: as it ships, with a log that counts conflicts. */
import { type BaseConfig, type Running, type Service } from "@muster/core/service";
import { matchmaker } from "@muster/matchmaker";
import { mover } from "@muster/mover";
import { sweeper } from "@muster/orchestrator";
import { pino } from "pino";
import { answerCalls, type Calls } from "../child.ts";

const ROLES = { matchmaker, mover, sweeper };
export type PipelineRole = keyof typeof ROLES;

export interface RoleCalls extends Calls {
  start(order: { role: PipelineRole; env: Record<string, string> }): Promise<void>;
  /** Proposals that conflicted since it started. */
  conflicts(): number;
  stop(): Promise<void>;
}

let running: Running | undefined;
let conflicts = 0;

const onLine = (line: string) => {
  const entry: { level: number; msg: string; matches?: unknown } = JSON.parse(line);
  // The mover names each one; what else is said at that level is no concern here.
  if (entry.msg === "proposals conflicted" && Array.isArray(entry.matches)) conflicts += entry.matches.length;
  else if (entry.level >= 40) process.stderr.write(line);
};

const startRole = async <Config extends BaseConfig>(service: Service<Config>, env: Record<string, string>) => {
  running = await service.start(service.readConfig(env), pino({ level: "debug" }, { write: onLine }));
};

answerCalls({
  start: ({ role, env }) => startRole(ROLES[role] as Service, env),
  conflicts: () => conflicts,
  stop: async () => running?.stop(),
} satisfies RoleCalls as Calls);
