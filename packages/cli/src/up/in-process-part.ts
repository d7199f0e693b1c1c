import { setTimeout as sleep } from "node:timers/promises";
import type { BaseConfig, Env, Running, Service } from "@muster/core/service";
import { pino } from "pino";
import { lastLines, logEnd, trimLog } from "./log-file.ts";
import type { Part } from "./part.ts";
import type { PlannedService } from "./plan.ts";
import { probeHttp } from "./probe.ts";
import type { ServiceRole } from "./roles.ts";

/** Starts a service beside others, with a log file of its own: many logs on one stdout would be of use to nobody. */
type Launch = (env: Env, logFile: string) => Promise<Running>;

const launch =
  <Config extends BaseConfig>(service: Service<Config>): Launch =>
  (env, logFile) => {
    const config = service.readConfig(env);
    const base = { role: service.role, name: config.MUSTER_NAME };
    return service.start(config, pino({ level: config.MUSTER_LOG_LEVEL, base }, pino.destination(logFile)));
  };

// Loaded only when a system shares one process: `muster up` as a rule runs none of this code itself.
const LAUNCHERS: Record<ServiceRole, () => Promise<Launch>> = {
  orchestrator: async () => launch((await import("@muster/orchestrator")).orchestrator),
  sweeper: async () => launch((await import("@muster/orchestrator")).sweeper),
  matchmaker: async () => launch((await import("@muster/matchmaker")).matchmaker),
  mover: async () => launch((await import("@muster/mover")).mover),
  playserver: async () => launch((await import("@muster/playserver")).playserver),
  monitor: async () => launch((await import("@muster/monitor")).monitor),
  webhooks: async () => launch((await import("@muster/webhooks")).webhooks),
  archiver: async () => launch((await import("@muster/archiver")).archiver),
};

/** A service that runs in our own process. It can't be killed alone, and its fall is ours. */
export const inProcessPart = (service: PlannedService, env: Env, logFile: string): Part => {
  let running: Running | undefined;
  let logFrom = 0;
  return {
    ...service,
    get pid() {
      return running && process.pid;
    },
    start: async () => {
      trimLog(logFile);
      logFrom = logEnd(logFile);
      const launchIt = await LAUNCHERS[service.role]();
      running = await launchIt(env, logFile);
    },
    probe: () => probeHttp(`http://127.0.0.1:${service.port}/readyz`),
    stop: async (limitMs) => {
      const stopping = running?.stop();
      running = undefined;
      const limit = new AbortController();
      const late = sleep(limitMs, false, { signal: limit.signal }).catch(() => false);
      try {
        return await Promise.race([Promise.resolve(stopping).then(() => true), late]);
      } finally {
        limit.abort();
      }
    },
    kill: () => false,
    killNow: () => {},
    lastLog: () => lastLines(logFile, logFrom),
  };
};
