import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { EXIT } from "../exit-codes.ts";

const MAIN = fileURLToPath(new URL("../../../../bench/main.ts", import.meta.url));

export const registerBenchCommand = (program: Command): void => {
  program
    .command("bench")
    .description(
      "measure Muster on this machine (bench --help says what can be measured); it needs a checkout of the repository",
    )
    .argument("[names...]", "what to measure (default: all)")
    .allowUnknownOption()
    .helpOption(false)
    .action(async (_names: string[], _options: unknown, command: Command) => {
      process.exitCode = await runBench(command.args);
    });
};

/** Runs the suite as a process of its own: its Redis, services and load must not share ours. @returns its exit code */
const runBench = async (args: readonly string[]): Promise<number> => {
  if (!existsSync(MAIN)) {
    console.error(
      "The benches are not part of this installation: run `npm run bench` in a checkout of the repository.",
    );
    return EXIT.failed;
  }
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: "inherit" });
  const passOn = (signal: NodeJS.Signals) => void child.kill(signal);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, passOn);
  const [code] = (await once(child, "exit")) as [number | null];
  return code ?? EXIT.failed;
};
