/**
 * Several clients in a process of their own: takes its task as the first message, and answers with what came of it. It
 * also ends when who started it is gone.
 */
import { seededRandom } from "@muster/cli";
import { systemClock } from "@muster/core/service";
import { connectForCommits, openStore } from "@muster/store";
import { type Mover, makeMove, type Told } from "./moves.ts";

export interface Task {
  url: string;
  seed: number;
  clients: number;
  /** Each client goes on until so many entries were ever written to the event stream, or the time is over. */
  events: number;
  limitMs: number;
}

export interface Report {
  told: Told[];
  /** How often each move was made, and how often it was refused by which code. */
  moves: Record<string, number>;
  fault?: string;
}

const run = async ({ url, seed, clients, events, limitMs }: Task): Promise<Report> => {
  const until = Date.now() + limitMs;
  const store = await openStore({ url, partition: "main", name: "clients", clock: systemClock });
  const told: Told[] = [];
  const moves: Record<string, number> = {};
  let done = false;

  const client = async (number: number): Promise<void> => {
    const random = seededRandom(seed * 1_000 + number);
    const dedicated = connectForCommits(url, "clients-commit", "main");
    await dedicated.connect();
    const mover: Mover = { store, connection: () => dedicated, random, token: `token-${seed}`, told };
    try {
      while (!done && Date.now() < until) {
        const name = await makeMove(mover);
        moves[name] = (moves[name] ?? 0) + 1;
        if (number === 0 && (await eventsSoFar(dedicated, store.keys.events)) >= events) done = true;
      }
    } finally {
      dedicated.disconnect();
    }
  };
  try {
    await Promise.all(Array.from({ length: clients }, (_, number) => client(number)));
    return { told, moves };
  } catch (error) {
    done = true;
    return { told, moves, fault: error instanceof Error ? String(error.stack) : String(error) };
  } finally {
    await store.close();
  }
};

const eventsSoFar = async (redis: ReturnType<typeof connectForCommits>, key: string): Promise<number> => {
  if (!(await redis.exists(key))) return 0;
  const info = (await redis.xinfo("STREAM", key)) as unknown[] | Record<string, unknown>;
  const fields = Array.isArray(info) ? info : Object.entries(info).flat();
  return Number(fields[fields.indexOf("entries-added") + 1]);
};

process.on("disconnect", () => process.exit(1));
process.once("message", async (task: Task) => {
  const report = await run(task);
  process.send?.(report, () => process.disconnect());
});
