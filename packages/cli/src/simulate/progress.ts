import type { Clock } from "@muster/core";
import { createLogUpdate } from "log-update";
import type { Terminal } from "../load/progress.ts";
import type { SimulationProgress } from "./simulate.ts";

const LIVE_EVERY_MS = 100;
const PLAIN_EVERY_MS = 5_000;
const BAR_WIDTH = 24;

/** @param name of the run, when there are several */
export const formatProgress = (
  { atMs, forMs, arrived, matched, expired, waiting }: SimulationProgress,
  name: string,
): string => {
  const share = Math.min(1, atMs / forMs);
  const bar = "█".repeat(Math.round(share * BAR_WIDTH)).padEnd(BAR_WIDTH, "░");
  const count = (value: number) => value.toLocaleString("en-US");
  return [
    `${bar} ${Math.floor(share * 100)} %${name && ` of ${name}`}`,
    `arrived ${count(arrived)}`,
    `matched ${count(matched)}`,
    ...(expired > 0 ? [`expired ${count(expired)}`] : []),
    `waiting ${count(waiting)}`,
  ].join("  ");
};

/** On a terminal one line that renews itself, elsewhere a plain line every 5 s. */
export const simulationProgress = (out: Terminal, clock: Clock) => {
  const update = out.isTTY ? createLogUpdate(out) : undefined;
  const everyMs = update ? LIVE_EVERY_MS : PLAIN_EVERY_MS;
  let nextAt = clock.now() + everyMs;
  return {
    show: (progress: SimulationProgress, name: string): void => {
      const now = clock.now();
      if (now < nextAt) return;
      nextAt = now + everyMs;
      const line = formatProgress(progress, name);
      if (update) update(line);
      else out.write(`${line}\n`);
    },
    /** Takes the line away: the report follows. */
    done: (): void => update?.clear(),
  };
};
