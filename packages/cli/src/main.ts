import { Command, CommanderError } from "commander";
import { registerBenchCommand } from "./bench/command.ts";
import { registerCompletionCommand } from "./completion/command.ts";
import { registerDoctorCommand } from "./doctor/command.ts";
import { registerEventsCommand } from "./events/command.ts";
import { EXIT, EXIT_HELP } from "./exit-codes.ts";
import { registerExplainCommand } from "./explain/command.ts";
import { registerKeysCommand } from "./keys/command.ts";
import { registerLoadCommand } from "./load/command.ts";
import { registerQueuesCommand } from "./queues/check.ts";
import { registerSimulateCommand } from "./simulate/command.ts";
import { registerUpCommand } from "./up/command.ts";

const program = new Command("muster")
  .description("Muster, a self-hosted matchmaker for games")
  .version("0.1.0")
  .addHelpText("after", EXIT_HELP)
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

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
}
// A command that returned is done; whatever handle a library still holds must not keep the process.
process.exit();
