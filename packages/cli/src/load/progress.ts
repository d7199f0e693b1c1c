import { createLogUpdate } from "log-update";
import type { LoadProgress } from "./load.ts";

export type Terminal = NodeJS.WritableStream & { isTTY?: boolean };

export interface ProgressLine {
  show(progress: LoadProgress): void;
  /** Leaves the last line standing; what is written next begins below it. */
  done(): void;
}

const PLAIN_EVERY_MS = 5_000;

export const formatProgress = (progress: LoadProgress): string => {
  const { phase, elapsedMs, forMs, enqueued, ratePerS, matched, cancelled, expired, waiting } = progress;
  const seconds = (ms: number) => (ms / 1_000).toFixed(0);
  const count = (value: number) => value.toLocaleString("en-US");
  const whole = forMs === Infinity ? "" : ` of ${seconds(forMs)} s`;
  const time = phase === "sending" ? `${seconds(elapsedMs)} s${whole}` : "waiting for the rest";
  const parts = [
    time,
    `enqueued ${count(enqueued)} (${count(Math.round(ratePerS))}/s)`,
    `matched ${count(matched)}`,
    ...(cancelled > 0 ? [`cancelled ${count(cancelled)}`] : []),
    ...(expired > 0 ? [`expired ${count(expired)}`] : []),
    `waiting ${count(waiting)}`,
  ];
  return parts.join("  ");
};

/** On a terminal one line that renews itself; elsewhere, as in a log, a plain line every 5 s. */
export const progressLine = (out: Terminal): ProgressLine => {
  if (out.isTTY) {
    const update = createLogUpdate(out);
    return { show: (progress) => update(formatProgress(progress)), done: () => update.done() };
  }
  let next = PLAIN_EVERY_MS;
  return {
    show: (progress) => {
      if (progress.elapsedMs < next) return;
      next += PLAIN_EVERY_MS;
      out.write(`${formatProgress(progress)}\n`);
    },
    done: () => {},
  };
};
