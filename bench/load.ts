import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { LoadOptions, LoadProgress, LoadReport } from "@muster/cli";

export type ToLoadProcess = LoadOptions;
export interface FromLoadProcess {
  progress?: LoadProgress;
  report?: LoadReport;
  failure?: string;
}

export interface LoadWatch {
  /** Called at once, with the pid of the load generator. */
  started(pid: number): void;
  progress(progress: LoadProgress): void;
}

const ENTRY = fileURLToPath(new URL("./load-process.ts", import.meta.url));
/** Beyond arrivals and grace time: to start, and to look up what is open and end matches when Muster is far behind. */
const EXTRA_MS = 120_000;

/** `runLoad` in a process of its own. Rejects with the signal's reason, or when it takes far longer than it should. */
export const runLoadProcess = async (
  options: LoadOptions,
  watch: LoadWatch,
  signal: AbortSignal,
): Promise<LoadReport> => {
  signal.throwIfAborted();
  const limitMs = options.forMs + options.graceMs + EXTRA_MS;
  const { promise, resolve, reject } = Promise.withResolvers<LoadReport>();
  const limit = AbortSignal.timeout(limitMs);
  const stopped = AbortSignal.any([signal, limit]);
  stopped.addEventListener("abort", () =>
    reject(limit.aborted ? new Error(`the load generator was not done after ${limitMs / 1_000} s`) : signal.reason),
  );

  const child = fork(ENTRY, { serialization: "advanced" });
  child.on("error", reject);
  child.on("exit", (code) => reject(new Error(`the load generator ended with code ${code} and without a report`)));
  child.on("message", ({ progress, report, failure }: FromLoadProcess) => {
    if (progress) watch.progress(progress);
    if (report) resolve(report);
    if (failure !== undefined) reject(new Error(`the load generator failed: ${failure}`));
  });
  try {
    watch.started(child.pid ?? 0);
    child.send(options satisfies ToLoadProcess, (error) => error && reject(error));
    return await promise;
  } finally {
    child.kill("SIGKILL");
  }
};
