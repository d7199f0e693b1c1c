import { EXIT_CONFIG } from "@muster/core/service";

/** How `muster` ends. The help text of each command says the same in words. */
export const EXIT = {
  ok: 0,
  /** It could not do its work, or found what must not be. */
  failed: 1,
  /** An unknown option or command, or a missing argument. */
  usage: 2,
  /** A value, file or environment variable is faulty: starting again won't help. */
  config: EXIT_CONFIG,
  /** A second Ctrl-C: everything was killed at once. */
  killed: 130,
} as const;

export const EXIT_HELP = `
Exit codes:
  0    done as asked
  1    failed, or found something that must not be
  2    usage: unknown option or command, missing argument
  78   a value, a file or an environment variable is faulty; all faults are listed
  130  killed by a second Ctrl-C`;
