import { VERSION } from "@muster/core/service";
import { Command, CommanderError } from "commander";
import { registerBenchCommand } from "./bench/command.ts";
import { registerCompletionCommand } from "./completion/command.ts";
import { registerDoctorCommand } from "./doctor/command.ts";
import { registerEventsCommand } from "./events/command.ts";
import { EXIT, EXIT_HELP, exitCodeOf } from "./exit-codes.ts";
import { registerExplainCommand } from "./explain/command.ts";
import { registerKeysCommand } from "./keys/command.ts";
import { registerLoadCommand } from "./load/command.ts";
import { registerQueuesCommand } from "./queues/check.ts";
import { registerSimulateCommand } from "./simulate/command.ts";
import { registerUpCommand } from "./up/command.ts";

/** The whole command line. */
export const createProgram = (): Command => {
  const program = new Command("muster")
    .description("Muster, a self-hosted matchmaker for games")
    .version(VERSION)
    .addHelpText("afterAll", EXIT_HELP)
    .showHelpAfterError("Try --help.")
    // Commander ends with 1 at a faulty command line; ours is 2, so it must not end the process by itself.
    .exitOverride();

  registerUpCommand(program);
  registerLoadCommand(program);
  registerSimulateCommand(program);
  registerExplainCommand(program);
  registerEventsCommand(program);
  registerDoctorCommand(program);
  registerQueuesCommand(program);
  registerKeysCommand(program);
  registerBenchCommand(program);
  registerCompletionCommand(program);
  return program;
};

/**
 * Runs a command line. What a command prints goes to the process' own streams.
 *
 * @returns the exit code
 */
export const runCommandLine = async (args: readonly string[]): Promise<number> => {
  try {
    await createProgram().parseAsync([...args], { from: "user" });
    // Where a command leaves it, for it may go on after its action returned.
    return Number(process.exitCode ?? EXIT.ok);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return exitCodeOf(error);
  }
};
