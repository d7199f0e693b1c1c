import { flushCompileCache } from "node:module";
import closeWithGrace from "close-with-grace";
import { ConfigError } from "../config-error.ts";
import type { Env } from "./env.ts";
import { createLogger, type Logger } from "./logger.ts";

/** sysexits' EX_CONFIG: a supervisor should not restart what can't start. */
export const EXIT_CONFIG = 78;

const STOP_LIMIT_MS = 15_000;

/** A service that runs. */
export interface Running {
  /** The port it listens on. */
  port: number;
  /** Finishes what is under way, releases everything it acquired in reverse order, then resolves. */
  stop(): Promise<void>;
}

/** The settings that every service has, whatever else its config holds. */
export interface BaseConfig {
  readonly MUSTER_NAME?: string;
  readonly MUSTER_LOG_LEVEL: string;
}

/** A role of Muster: the same whether it runs as a process of its own or beside others in one process. */
export interface Service<Config extends BaseConfig = BaseConfig> {
  role: string;
  /** @throws ConfigError that lists every fault */
  readConfig(env: Env): Config;
  /** Resolves when it can do its work. @throws ConfigError when what the config names is faulty */
  start(config: Config, log: Logger): Promise<Running>;
}

/** Starts a service from an environment, with a log of its own. */
export const startService = async <Config extends BaseConfig>(service: Service<Config>, env: Env) => {
  const config = service.readConfig(env);
  const name = config.MUSTER_NAME ?? `${service.role}-${process.pid}`;
  const log = createLogger(service.role, name, config.MUSTER_LOG_LEVEL);
  return { running: await service.start(config, log), log };
};

/**
 * The life of a service as a process: environment → checked config → start → wait for a signal → stop.
 * A faulty configuration ends it with status 78 and the list of all faults.
 */
export const runProcess = async <Config extends BaseConfig>(service: Service<Config>): Promise<void> => {
  try {
    const { running, log } = await startService(service, process.env);
    closeWithGrace({ delay: STOP_LIMIT_MS, logger: false }, async ({ signal, err }) => {
      if (err) log.fatal({ err }, "an error that nobody handled: stopping");
      else log.info({ signal }, "stopping");
      await running.stop();
    });
    log.info({ port: running.port }, "started");
    // Where Node is told to keep what it compiles (NODE_COMPILE_CACHE) it does so at exit: one that is killed would not.
    flushCompileCache();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(`muster ${service.role} can't start:\n${error.faults.map((fault) => `  ${fault}`).join("\n")}`);
    process.exit(EXIT_CONFIG);
  }
};
