import { mkdirSync, rmSync } from "node:fs";
import { type Clock, ConfigError, type Random } from "@muster/core";
import { readQueues, systemClock, systemRandom } from "@muster/core/service";
import { awaitReady, indent } from "./await-ready.ts";
import { buildParts, systemUrl } from "./build-parts.ts";
import type { Death } from "./child.ts";
import { type Guardian, startGuardian } from "./guardian.ts";
import { type Layout, type LayoutOptions, planLayout, portNeeds } from "./layout.ts";
import { endLeftovers } from "./leftovers.ts";
import type { Part } from "./part.ts";
import { checkPorts } from "./ports.ts";
import { type RunFile, takeRunFile } from "./run-file.ts";
import { inStages, stopInStages } from "./stop-in-stages.ts";
import { SystemError } from "./system-error.ts";

const STOP_LIMIT_MS = 15_000;
const READY_LIMIT_MS = 60_000;
/** Who ends this often before it was ever ready won't get ready. */
const EARLY_DEATHS = 3;

export type SystemEvent =
  /** A run that was killed left these running; they are ended now. */
  | { kind: "leftovers"; names: string[] }
  /** A process ended by itself and is started again. */
  | ({ kind: "died"; restartInMs: number } & Death)
  /** A part did not stop in time and was killed. */
  | { kind: "slow"; name: string };

export interface SystemOptions extends LayoutOptions {
  /** What services find in their environment besides what the options say; absent: our own. */
  env?: NodeJS.ProcessEnv;
  readyWithinMs?: number;
  onEvent?(event: SystemEvent): void;
  clock?: Clock;
  random?: Random;
}

/** A part of a running system, as its user sees it. */
export type SystemProcess = Pick<Part, "role" | "name" | "pid" | "port" | "kill" | "probe">;

export interface RunningSystem {
  /** nginx's address. */
  readonly url: string;
  readonly redisUrl: string;
  readonly dataDir: string;
  /** In the order of the flow. A pid changes when its process is restarted. */
  readonly processes: readonly SystemProcess[];
  /** Resolves when the system can't go on because a service refuses its configuration. It still has to be stopped. */
  readonly failed: Promise<SystemError>;
  /** Resolves when every part has said that it is ready, as after one was killed and restarts. */
  ready(withinMs?: number): Promise<void>;
  /** Stops everything in order. May be called at any time, more than once. */
  stop(): Promise<void>;
  /** Kills everything at once. */
  killNow(): void;
}

/**
 * A whole Muster: Redis, all services and nginx.
 *
 * It is made, then started once, then stopped once. start() takes the data directory, ends what a killed run left there,
 * checks that all ports are free, and only then starts: Redis first, when that is ready all services at once, and nginx;
 * it resolves when all are ready. Should one refuse its configuration, end three times, or not get ready in time, what
 * was started is stopped again and start() throws. stop() releases in reverse order, also in the middle of a start.
 */
export class System implements RunningSystem {
  readonly layout: Layout;
  readonly url: string;
  readonly redisUrl: string;
  readonly dataDir: string;
  readonly #options: SystemOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #failed = Promise.withResolvers<SystemError>();
  readonly #cancelled = new AbortController();
  #parts: Part[] = [];
  #runFile: RunFile | undefined;
  #guardian: Guardian | undefined;
  #isReady = false;
  #starting: Promise<void> | undefined;
  #releasing: Promise<void> | undefined;

  private constructor(layout: Layout, options: SystemOptions) {
    this.layout = layout;
    this.url = systemUrl(layout);
    this.redisUrl = layout.redisUrl;
    this.dataDir = layout.dataDir;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? systemRandom;
  }

  static async create(options: SystemOptions = {}): Promise<System> {
    return new System(await planLayout(options, options.random ?? systemRandom), options);
  }

  get processes(): readonly Part[] {
    return this.#parts;
  }

  get failed(): Promise<SystemError> {
    return this.#failed.promise;
  }

  /** @throws SystemError */
  async start(): Promise<void> {
    this.#starting ??= this.#start();
    try {
      await this.#starting;
    } catch (error) {
      await this.#release();
      throw error instanceof ConfigError ? faultyConfig(error) : error;
    }
  }

  async ready(withinMs = this.#options.readyWithinMs ?? READY_LIMIT_MS): Promise<void> {
    await awaitReady(this.#parts, { withinMs, clock: this.#clock, signal: this.#cancelled.signal });
  }

  async stop(): Promise<void> {
    this.#cancelled.abort(new SystemError("stopped before everything was ready"));
    await this.#starting?.catch(() => {});
    await this.#release();
  }

  killNow(): void {
    for (const part of this.#parts) part.killNow();
    this.#runFile?.release();
  }

  async #start(): Promise<void> {
    const env = this.#options.env ?? process.env;
    const { signal } = this.#cancelled;
    await readQueues(this.layout.queuesFile);
    mkdirSync(this.dataDir, { recursive: true });
    this.#runFile = takeRunFile(this.dataDir, new Date(this.#clock.now()));
    const { leftovers } = this.#runFile;
    if (leftovers.length > 0) {
      this.#tell({ kind: "leftovers", names: leftovers.flat().map(({ name }) => name) });
      await endLeftovers(leftovers);
    }
    await checkPorts(portNeeds(this.layout));
    const parts = await buildParts(this.layout, env, {
      clock: this.#clock,
      random: this.#random,
      onPid: () => this.#record(),
      onDeath: (death) => this.#died(death),
    });
    signal.throwIfAborted();

    this.#guardian = startGuardian();
    this.#parts = parts;
    const limits = { withinMs: this.#options.readyWithinMs ?? READY_LIMIT_MS, clock: this.#clock, signal };
    const redis = parts.filter(({ role }) => role === "redis");
    const others = parts.filter(({ role }) => role !== "redis");
    await Promise.all(redis.map((part) => part.start()));
    await awaitReady(redis, limits);
    await Promise.all(others.map((part) => part.start()));
    // nginx last: asked before the services answer, it would fill its log with that.
    await awaitReady(
      others.filter(({ role }) => role !== "nginx"),
      limits,
    );
    await awaitReady(others, limits);
    this.#isReady = true;
  }

  #died(death: Death): void {
    const { name, restartInMs, deaths } = death;
    const log = () => indent(this.#parts.find((part) => part.name === name)?.lastLog() ?? "");
    if (restartInMs === undefined) {
      this.#fail(new SystemError(`${name} refuses its configuration:\n${log()}`, { faultyConfig: true }));
    } else if (!this.#isReady && deaths >= EARLY_DEATHS) {
      this.#fail(new SystemError(`${name} ended ${deaths} times before it was ready:\n${log()}`));
    } else {
      this.#tell({ kind: "died", ...death, restartInMs });
    }
  }

  #fail(error: SystemError): void {
    this.#failed.resolve(error);
    this.#cancelled.abort(error);
  }

  /** Writes down who runs, for the guardian and for the next run: should we be killed, one of them ends them. */
  #record(): void {
    const running = inStages(this.#parts).map((stage) =>
      stage.flatMap(({ name, pid }) => (pid === undefined || pid === process.pid ? [] : [{ name, pid }])),
    );
    this.#guardian?.watch(running.map((stage) => stage.map(({ pid }) => pid)));
    this.#runFile?.record(running);
  }

  #release(): Promise<void> {
    this.#releasing ??= (async () => {
      await stopInStages(this.#parts, {
        limitMs: STOP_LIMIT_MS,
        onSlow: ({ name }) => this.#tell({ kind: "slow", name }),
      });
      await this.#guardian?.release();
      this.#runFile?.release();
      if (this.layout.dataIsTemporary) rmSync(this.dataDir, { recursive: true, force: true });
    })();
    return this.#releasing;
  }

  #tell(event: SystemEvent): void {
    this.#options.onEvent?.(event);
  }
}

const faultyConfig = (error: ConfigError) =>
  new SystemError(error.faults.map((fault) => `  ${fault}`).join("\n"), { faultyConfig: true });

/**
 * Starts a whole Muster and resolves when it is ready. Without options: on free ports, in a temporary directory, one
 * process for each service. Quiet: what happens is told to `onEvent`.
 *
 * @throws SystemError, with everything stopped again
 */
export const startSystem = async (options: SystemOptions = {}): Promise<RunningSystem> => {
  const system = await System.create(options);
  await system.start();
  return system;
};
