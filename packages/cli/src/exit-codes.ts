import { EXIT_CONFIG } from "@muster/core/service";
import type { CommanderError } from "commander";

/** How `muster` ends. Every help text says the same in words. */
export const EXIT = {
  ok: 0,
  /** It could not do its work, or found what must not be. */
  failed: 1,
  /** An unknown option or command, or a missing argument: nothing was looked at. */
  usage: 2,
  /** A value, file or environment variable is faulty: starting again won't help. */
  config: EXIT_CONFIG,
  /** A second Ctrl-C: everything was killed at once. */
  killed: 130,
} as const;

export const EXIT_HELP = `
Exit codes:
  0    done as asked
  1    failed, or found something that must not be: a lost player, a fault in Redis
  2    usage: unknown option or command, missing argument
  78   a value, a file or an environment variable is faulty; all faults are listed
  130  killed by a second Ctrl-C`;

/** For a command line that commander refused, or that asked for help or the version. */
export const exitCodeOf = ({ exitCode, code }: CommanderError): number => {
  if (exitCode === 0) return EXIT.ok;
  return code === "commander.invalidArgument" ? EXIT.config : EXIT.usage;
};
