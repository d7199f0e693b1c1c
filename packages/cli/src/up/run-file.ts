import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { processStart } from "./process-start.ts";
import { SystemError } from "./system-error.ts";

/** A process of a run, as written down: recognised later by its pid and its start together. */
export interface RecordedProcess {
  name: string;
  pid: number;
  start: string;
}

interface Run {
  pid: number;
  start: string;
  since: string;
  /** In stages: each is to end before the next begins. */
  stages: RecordedProcess[][];
}

/**
 * The file `up.json` of a data directory. It is the lock, so that only one system at a time runs on the directory, and
 * it says which processes that system started. It is written whole or not at all.
 *
 * A run that ends removes its file. The file of a run that was killed stays: its writer is gone, which the next run
 * notices; it takes the file over and learns from it which processes may be left.
 */
export interface RunFile {
  /** What a run that was killed left running; empty stages are left out. */
  leftovers: readonly (readonly RecordedProcess[])[];
  record(stages: readonly (readonly { name: string; pid: number }[])[]): void;
  release(): void;
}

/** @throws SystemError when another system runs on this directory */
export const takeRunFile = (dataDir: string, now: Date): RunFile => {
  const file = join(dataDir, "up.json");
  const own = { pid: process.pid, start: processStart(process.pid) ?? "", since: now.toISOString() };

  const write = (run: Run, place: (draft: string) => void) => {
    const draft = `${file}.${process.pid}`;
    writeFileSync(draft, `${JSON.stringify(run, null, 2)}\n`);
    place(draft);
  };

  let leftovers: RecordedProcess[][] = [];
  for (let taken = false; !taken; ) {
    try {
      // Unlike a rename, a link fails when the file is there.
      write({ ...own, stages: [] }, (draft) => linkSync(draft, file));
      taken = true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const other = read(file);
      if (other && isAlive(other)) {
        throw new SystemError(
          `another system runs on ${dataDir}: process ${other.pid}, since ${other.since}.\n` +
            "Stop that one first (Ctrl-C there), or give this one a data directory of its own with --data DIR.",
        );
      }
      leftovers = (other?.stages ?? []).map((stage) => stage.filter(isAlive)).filter((stage) => stage.length > 0);
      rmSync(file, { force: true });
    } finally {
      rmSync(`${file}.${process.pid}`, { force: true });
    }
  }

  return {
    leftovers,
    record: (stages) => {
      const recorded = stages.map((stage) =>
        stage.map(({ name, pid }) => ({ name, pid, start: processStart(pid) ?? "" })),
      );
      write({ ...own, stages: recorded }, (draft) => renameSync(draft, file));
    },
    release: () => rmSync(file, { force: true }),
  };
};

export const isAlive = ({ pid, start }: { pid: number; start: string }): boolean => processStart(pid) === start;

/** Undefined for a file that is gone, or that isn't ours to understand. */
const read = (file: string): Run | undefined => {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Run;
  } catch {
    return undefined;
  }
};
