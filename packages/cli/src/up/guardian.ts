import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("./guardian.sh", import.meta.url));

/**
 * Sees to it that no child outlives us, also when we are killed with SIGKILL and can do nothing about it ourselves.
 * A small shell holds the other end of a pipe; when that closes, it ends those whose pids it was told last. One such
 * process serves all children, and they need to know nothing of it: Redis and nginx could not watch a pipe.
 */
export interface Guardian {
  /** The pids to end, in stages: each ends before the next begins. */
  watch(stages: readonly (readonly number[])[]): void;
  /** Nothing is left to guard. Resolves when the guardian is gone. */
  release(): Promise<void>;
}

export const startGuardian = (): Guardian => {
  const shell = spawn("/bin/sh", [SCRIPT], { stdio: ["pipe", "ignore", "ignore"], detached: true });
  const gone = once(shell, "exit");
  // Without a guardian the next `muster up` still ends what is left over, so its loss is no reason to stop.
  gone.catch(() => {});
  shell.on("error", () => {});
  shell.stdin.on("error", () => {});
  return {
    watch: (stages) => {
      shell.stdin.write(`${stages.map((pids) => pids.join(" ")).join(" / ")}\n`);
    },
    release: async () => {
      shell.stdin.end("\n");
      await gone.catch(() => {});
    },
  };
};
