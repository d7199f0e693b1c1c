import { ConfigError, matchSize } from "@muster/core";
import { readQueues } from "@muster/core/service";
import { checkQueue } from "@muster/matching";
import type { Command } from "commander";
import { EXIT } from "../exit-codes.ts";

export interface Output {
  out(line: string): void;
  err(line: string): void;
}

/**
 * Checks a queues file: one line for each queue, or for each fault; with `json` one object with all of them.
 *
 * @returns the exit code
 */
export const checkQueues = async (file: string, { out, err }: Output, { json = false } = {}): Promise<number> => {
  try {
    const queues = await readQueues(file);
    if (json) {
      const checked = [...queues.values()].map((queue) => ({ queue: queue.name, warnings: checkQueue(queue) }));
      out(JSON.stringify({ ok: true, queues: checked }));
      return EXIT.ok;
    }
    for (const queue of queues.values()) {
      const sizes = queue.teamShapes.map(({ min, max }) => (min === max ? `${max}` : `${min}–${max}`));
      const teams = `${sizes.slice(0, 4).join("v")}${sizes.length > 4 ? "v…" : ""}`;
      out(`OK  ${queue.name}  ${teams}, ${matchSize(queue)} players, ${queue.steps.length} steps`);
      for (const warning of checkQueue(queue)) out(`    warning  /queues/${queue.name}${warning}`);
    }
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    if (json) out(JSON.stringify({ ok: false, faults: error.faults.map(String) }));
    else for (const fault of error.faults) err(String(fault));
    return EXIT.config;
  }
};

export const registerQueuesCommand = (program: Command): void => {
  program
    .command("queues")
    .description("work with queues files")
    .command("check")
    .description(
      "check a queues file: an OK line for each queue, with warnings of what can never pass or be reached; or a line for each fault",
    )
    .argument("<file>", "as queues.json")
    .option("--json", "one JSON object: ok, and queues with warnings, or faults")
    .action(async (file: string, options: { json?: boolean }) => {
      process.exitCode = await checkQueues(file, { out: console.log, err: console.error }, options);
    });
};
