import type { Clock } from "@muster/core";
import { EXIT } from "../exit-codes.ts";
import { BadOptionError } from "../load/bad-option.ts";
import { CannotLoadError, runLoad } from "../load/load.ts";
import { LOAD_DEFAULTS } from "../load/options.ts";
import type { ProgressLine } from "../load/progress.ts";
import { isClean, type LoadReport } from "../load/report.ts";

export interface DemoOptions {
  url: string;
  apiKey?: string | undefined;
  /** How long players arrive; absent: until the signal. */
  forMs?: number;
  /** Stops the arrivals; what was sent is still settled and reported. */
  signal: AbortSignal;
  clock: Clock;
  line: ProgressLine;
  tell(report: LoadReport): void;
  err(text: string): void;
}

/** Sends 200 real players a second through the queue `duel` and reports. @returns the exit code */
export const runDemo = async ({ url, apiKey, forMs, signal, clock, line, tell, err }: DemoOptions): Promise<number> => {
  try {
    const options = { ...LOAD_DEFAULTS, url, apiKey, forMs: forMs ?? Number.POSITIVE_INFINITY };
    const report = await runLoad(options, { clock, signal, progress: (progress) => line.show(progress) });
    tell(report);
    return isClean(report) ? EXIT.ok : EXIT.failed;
  } catch (error) {
    if (!(error instanceof CannotLoadError) && !(error instanceof BadOptionError)) throw error;
    err(error.message);
    return EXIT.failed;
  }
};
