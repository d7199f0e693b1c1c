import type { Clock } from "@muster/core";
import { systemIds } from "@muster/core/service";
import { EXIT } from "../exit-codes.ts";
import { progressLine, type Terminal } from "../load/progress.ts";
import { formatReport } from "../load/report.ts";
import { runDemo } from "./demo.ts";
import { leaderOf } from "./leader.ts";
import type { UpOptions } from "./options.ts";
import { System } from "./system.ts";
import { SystemError } from "./system-error.ts";
import { eventInWords, startedInFacts, startedInWords } from "./words.ts";

// npm passes a Ctrl-C on that the terminal has sent to us as well: two so close together are one.
const ONE_CTRL_C_MS = 300;

export interface UpIo {
  env: NodeJS.ProcessEnv;
  stdout: Terminal;
  stderr: Terminal;
  clock: Clock;
  /** Calls back at each signal that asks us to end. */
  onSignal(handle: () => void): void;
  exit(code: number): void;
}

/**
 * `muster up`: starts a system, says what runs, and stops it when asked, when the demo is over, or when a service
 * refuses its configuration.
 *
 * @returns the exit code
 */
export const runUp = async (options: UpOptions, io: UpIo): Promise<number> => {
  const line = progressLine(options.json ? io.stderr : io.stdout);
  const print = (terminal: Terminal) => (text: string) => {
    // What is printed goes below the demo's progress line, which begins anew after it.
    line.done();
    terminal.write(`${text}\n`);
  };
  const [out, err] = [print(io.stdout), print(io.stderr)];
  /** A program is told what happened, a person in words. */
  const tell = <Event extends { kind: string }>({ kind, ...facts }: Event, words: string) =>
    out(options.json ? JSON.stringify({ event: kind, ...facts }) : words);
  const env = withTester(io.env, options.host ?? "127.0.0.1");
  const system = await System.create({ ...options, env, onEvent: (event) => tell(event, eventInWords(event)) });

  const asked = new AbortController();
  let askedAt = 0;
  let isStarting = true;
  io.onSignal(() => {
    if (!asked.signal.aborted) {
      askedAt = io.clock.now();
      const first =
        options.demo && !isStarting ? "No more players are sent; the report follows." : "Stopping in order.";
      tell({ kind: "stopping" }, `\n${first} Ctrl-C again kills everything at once.`);
      asked.abort();
      if (isStarting) void system.stop();
    } else if (io.clock.now() - askedAt > ONE_CTRL_C_MS) {
      system.killNow();
      io.exit(EXIT.killed);
    }
  });

  const services = system.layout.services.length;
  tell({ kind: "starting", services }, `Muster starts: Redis, ${services} services and nginx …`);
  try {
    await system.start();
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    if (asked.signal.aborted) return EXIT.ok;
    err(`muster up can't start:\n${error.message}`);
    return error.faultyConfig ? EXIT.config : EXIT.failed;
  }
  isStarting = false;

  const failure = system.failed.then((error) => {
    err(error.message);
    return error.faultyConfig ? EXIT.config : EXIT.failed;
  });
  try {
    const leader = await leaderOf(system.processes);
    const { url } = system;
    tell(startedInFacts(system, leader, keyOf(env)), startedInWords(system, leader, keyOf(env)));
    const { demo, demoForMs: forMs } = options;
    const end = demo
      ? runDemo({
          url,
          apiKey: env.MUSTER_API_KEY,
          ...(forMs !== undefined && { forMs }),
          signal: asked.signal,
          clock: io.clock,
          line,
          tell: (report) => tell({ kind: "report", ...report }, formatReport(report)),
          err,
        })
      : aborted(asked.signal).then(() => EXIT.ok);
    return await Promise.race([failure, end]);
  } finally {
    await system.stop();
    tell({ kind: "stopped" }, "Everything is stopped.");
  }
};

/** On this machine alone the page may try things out, with a key that is told below; elsewhere only if somebody says so. */
const withTester = (env: NodeJS.ProcessEnv, host: string): NodeJS.ProcessEnv => {
  const isHere = ["127.0.0.1", "::1", "localhost"].includes(host);
  const tester = env.MUSTER_TESTER ?? (isHere ? "on" : "off");
  return tester === "on"
    ? { ...env, MUSTER_TESTER: tester, MUSTER_ADMIN_KEY: env.MUSTER_ADMIN_KEY ?? systemIds.token() }
    : env;
};

/** Undefined where the tester is off. */
const keyOf = ({ MUSTER_TESTER, MUSTER_ADMIN_KEY }: NodeJS.ProcessEnv): string | undefined =>
  MUSTER_TESTER === "on" ? MUSTER_ADMIN_KEY : undefined;

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
