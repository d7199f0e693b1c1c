/**
 * The load generator as a process of its own: takes its options as the first message, tells how far it is, sends the
 * report last and ends. It also ends when who started it is gone. See load.ts.
 */
import { type LoadProgress, runLoad } from "@muster/cli";
import { systemClock } from "@muster/core/service";
import type { FromLoadProcess, ToLoadProcess } from "./load.ts";

const tell = (message: FromLoadProcess) =>
  new Promise<void>((resolve) => {
    process.send?.(message, () => resolve());
  });

process.on("disconnect", () => process.exit(1));

process.once("message", async (options: ToLoadProcess) => {
  try {
    const progress = (progress: LoadProgress) => void tell({ progress });
    await tell({ report: await runLoad(options, { clock: systemClock, progress }) });
  } catch (error) {
    await tell({ failure: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
  process.exit();
});
