import { runCommandLine } from "./program.ts";

// A command that returned is done; whatever handle a library still holds must not keep the process.
process.exit(await runCommandLine(process.argv.slice(2)));
