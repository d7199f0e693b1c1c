import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Longer than a bench runs. */
const EXPIRE_AFTER_MS = 3_600_000;
/** As many as a bench offers at most. */
const MAX_WAITING = 10_000_000;

/**
 * The shipped queues, but nobody expires in them and they are never full: whoever was accepted is in a match or waits
 * when a bench ends, so that everyone can be accounted for.
 *
 * @param held removes the file
 * @param partitions in how many of them `duel` is played: as `duel` in main, `duel-2` in p2 …
 * @returns the file
 */
export const writePatientQueues = async (held: AsyncDisposableStack, partitions = 1): Promise<string> => {
  const shipped = JSON.parse(await readFile(new URL("../../queues.json", import.meta.url), "utf8"));
  for (const queue of Object.values<Record<string, unknown>>(shipped.queues)) {
    Object.assign(queue, { expireAfterMs: EXPIRE_AFTER_MS, maxWaiting: MAX_WAITING });
  }
  for (let n = 2; n <= partitions; n++)
    shipped.queues[duelIn(n)] = { ...shipped.queues.duel, partition: partitionNamed(n) };
  const folder = await mkdtemp(join(tmpdir(), "muster-queues-"));
  held.defer(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "queues.json");
  await writeFile(file, JSON.stringify({ queues: shipped.queues }));
  return file;
};

/** The queue that is duel in partition n, counted from 1, and that partition's name. */
export const duelIn = (n: number): string => (n === 1 ? "duel" : `duel-${n}`);
export const partitionNamed = (n: number): string => (n === 1 ? "main" : `p${n}`);
