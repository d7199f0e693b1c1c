import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync, closeSync, openSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock, Random } from "@muster/core";
import { EXIT_CONFIG } from "@muster/core/service";
import { Backoff } from "./backoff.ts";
import { lastLines, logEnd, trimLog } from "./log-file.ts";
import { signalGroup, signalProcess } from "./signal-process.ts";

export interface ChildSpec {
  name: string;
  command: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  cwd?: string;
  /** Takes its stdout and stderr. */
  logFile: string;
  /** What asks it to end. */
  stopSignal: NodeJS.Signals;
}

/** A process that ended without having been asked to. */
export interface Death {
  name: string;
  /** 0 when it could not even be started. */
  pid: number;
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Deaths so far, this one included. */
  deaths: number;
  /** Absent: it refused its configuration and is not started again. */
  restartInMs?: number;
}

export interface ChildOwner {
  clock: Clock;
  random: Random;
  /** Its pid changed: it was started, or it is gone. */
  onPid(): void;
  onDeath(death: Death): void;
}

/**
 * A process that is kept running.
 *
 * It is `idle` until the owner calls start(), then `running`. When its process ends by itself, it is `waiting` for as
 * long as the back-off says and `running` again; but a process that ended with EXIT_CONFIG has refused what it was
 * given, and would do so again: it is `ended`. stop() takes it from `waiting` straight to `ended`, and from `running`
 * through `stopping` (its process was asked to end, and is killed when it takes too long) to `ended`. Only the owner
 * calls start and stop; all else follows from what the process does. `ended` is final.
 *
 * The process leads a group of its own: a Ctrl-C in the terminal doesn't reach it before its turn comes, and whatever
 * children it leaves behind are killed before it is started again.
 */
export class Child {
  readonly #spec: ChildSpec;
  readonly #owner: ChildOwner;
  readonly #backoff: Backoff;
  #state: "idle" | "running" | "waiting" | "stopping" | "ended" = "idle";
  #process: ChildProcess | undefined;
  #gone: Promise<void> = Promise.resolve();
  #startedAt = 0;
  #logFrom = 0;
  #deaths = 0;
  #restart: NodeJS.Timeout | undefined;

  constructor(spec: ChildSpec, owner: ChildOwner) {
    this.#spec = spec;
    this.#owner = owner;
    this.#backoff = new Backoff(owner.random);
  }

  /** Undefined while no process runs. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  get deaths(): number {
    return this.#deaths;
  }

  start(): void {
    if (this.#state !== "idle") throw new Error(`${this.#spec.name} was started before`);
    trimLog(this.#spec.logFile);
    this.#run();
  }

  /** Sends a signal to the process alone. False when none runs. */
  kill(signal: NodeJS.Signals): boolean {
    return this.pid !== undefined && signalProcess(this.pid, signal);
  }

  /**
   * Resolves when the process and all that it started are gone.
   * @returns false when it had to be killed because it did not end within the limit
   */
  async stop(limitMs: number): Promise<boolean> {
    clearTimeout(this.#restart);
    if (this.#state !== "running") {
      if (this.#state !== "stopping") this.#state = "ended";
      await this.#gone;
      return true;
    }
    this.#state = "stopping";
    this.kill(this.#spec.stopSignal);
    const limit = new AbortController();
    const inTime = await Promise.race([
      this.#gone.then(() => true),
      sleep(limitMs, false, { signal: limit.signal }).catch(() => false),
    ]);
    limit.abort();
    if (!inTime) this.#killGroup();
    await this.#gone;
    return inTime;
  }

  /** Kills the process and all that it started, without waiting. */
  killNow(): void {
    clearTimeout(this.#restart);
    this.#state = this.#state === "running" || this.#state === "stopping" ? "stopping" : "ended";
    this.#killGroup();
  }

  /** The last lines that the process wrote, or its predecessor when none runs. */
  lastLog(): string {
    return lastLines(this.#spec.logFile, this.#logFrom);
  }

  #run(): void {
    const { command, args, env, cwd, logFile } = this.#spec;
    this.#state = "running";
    this.#startedAt = this.#owner.clock.now();
    this.#logFrom = logEnd(logFile);
    const log = openSync(logFile, "a");
    const started = spawn(command, args, { env, cwd, stdio: ["ignore", log, log], detached: true });
    closeSync(log);
    this.#process = started;
    this.#gone = new Promise((resolve) => {
      const end = (code: number | null, signal: NodeJS.Signals | null) => {
        this.#killGroup();
        this.#process = undefined;
        this.#ended(started.pid ?? 0, code, signal);
        resolve();
      };
      started.once("exit", end);
      started.on("error", (error) => {
        // Also emitted when a signal can't be sent; only without a pid does no `exit` follow.
        if (started.pid !== undefined) return;
        appendFileSync(logFile, `${command} can't be started: ${error.message}\n`);
        end(null, null);
      });
    });
    this.#owner.onPid();
  }

  #ended(pid: number, code: number | null, signal: NodeJS.Signals | null): void {
    const asked = this.#state === "stopping";
    this.#state = "ended";
    if (!asked) {
      const death: Death = { name: this.#spec.name, pid, code, signal, deaths: ++this.#deaths };
      if (code !== EXIT_CONFIG) {
        death.restartInMs = this.#backoff.nextMs(this.#owner.clock.now() - this.#startedAt);
        this.#state = "waiting";
        this.#restart = setTimeout(() => this.#run(), death.restartInMs);
      }
      this.#owner.onDeath(death);
    }
    this.#owner.onPid();
  }

  #killGroup(): void {
    if (this.pid !== undefined) signalGroup(this.pid, "SIGKILL");
  }
}
