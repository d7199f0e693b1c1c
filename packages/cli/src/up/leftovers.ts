import { setTimeout as sleep } from "node:timers/promises";
import { isAlive, type RecordedProcess } from "./run-file.ts";
import { signalGroup, signalProcess } from "./signal-process.ts";

const LIMIT_MS = 15_000;
const LOOK_EVERY_MS = 20;

/** Ends what an earlier run left running, stage after stage; kills whoever takes longer than 15 s. */
export const endLeftovers = async (stages: readonly (readonly RecordedProcess[])[]): Promise<void> => {
  for (const stage of stages) {
    for (const { pid } of stage) signalProcess(pid, "SIGTERM");
    // They aren't our children, so there is no event to wait for.
    for (let waitedMs = 0; waitedMs < LIMIT_MS && stage.some(isAlive); waitedMs += LOOK_EVERY_MS) {
      await sleep(LOOK_EVERY_MS);
    }
    for (const { pid } of stage) signalGroup(pid, "SIGKILL");
    while (stage.some(isAlive)) await sleep(LOOK_EVERY_MS);
  }
};
