import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { BenchContext } from "../bench.ts";
import { startChild } from "../child.ts";
import type { Measured } from "../cpu.ts";
import { watchRedis } from "../redis-info.ts";
import { type BenchSystem, SUPERVISOR, startBenchSystem } from "../system.ts";
import { audit } from "./audit.ts";
import { readCrowd } from "./crowd.ts";
import type { HttpLoadCalls } from "./http-load-process.ts";
import { writePatientQueues } from "./patient-queues.ts";
import { GRACE_MS, type Pipeline, WARM_MS } from "./pipeline.ts";
import { costs, read, waits } from "./readings.ts";
import { wallNow } from "./wall-now.ts";

/** Most players that one realm may watch. */
const MOST_WATCHED = 100_000;
const ONE_EACH = { orchestrators: 1, sweepers: 1, matchmakers: 1, movers: 1, playservers: 1 };

/** The whole of Muster behind nginx, one process per role, and a realm that loads it. */
export const startHttpPipeline = async (
  context: Pick<BenchContext, "signal" | "say">,
): Promise<
  Pick<Pipeline, "audit" | typeof Symbol.asyncDispose> & { offer: (together: number) => Pipeline["offer"] }
> => {
  const { signal, say } = context;
  await using held = new AsyncDisposableStack();
  const queuesFile = await writePatientQueues(held);
  // The mover names its conflicts at that level.
  const system = held.use(await startBenchSystem(context, queuesFile, { ...ONE_EACH, logLevel: "debug" }));
  const info = held.adopt(await watchRedis(system.redisUrl), (watch) => watch.close());
  const load = held.use(startChild<HttpLoadCalls>(new URL("./http-load-process.ts", import.meta.url), signal));
  await load.ask("open", { url: system.url, queue: "duel" });
  const measured = (): Measured[] => [...system.measured(), { name: "load", pid: load.pid }];

  const accepted: string[] = [];
  let runs = 0;
  let before = { conflicts: 0, troubles: 0 };
  const offer =
    (together: number): Pipeline["offer"] =>
    async (wanted) => {
      const count = Math.min(MOST_WATCHED, Math.round((wanted.rate * wanted.forMs) / 1_000));
      const crowd = `h${++runs}`;
      say(`${Math.round(wanted.rate)} players/s for ${wanted.forMs / 1_000} s, ${together} in a request`);
      await load.ask("watch", { crowd, count });
      const first = await read(info, measured(), load);
      const offered = await load.ask("offer", { crowd, count, rate: wanted.rate, seed: wanted.seed, together });
      const last = await read(info, measured(), load);
      await sleep(GRACE_MS, undefined, { signal });
      const toldOf = await load.ask("told", undefined);
      const endAt = wallNow();
      const ids = await readCrowd(crowd, 0);
      const refused = new Set(offered.refused);
      for (let n = 0; n < count; n++) if (!refused.has(n)) accepted.push(ids.id(n));
      const told = toldOf.at.reduce((sum, at) => sum + (Number.isNaN(at) ? 0 : 1), 0);
      const logged = readLogs(system);
      const conflicts = logged.conflicts - before.conflicts;
      const troubles = logged.troubles - before.troubles;
      before = logged;
      if (refused.size > 0) say(`${refused.size} were refused; the first: ${offered.firstRefusal}`);
      return {
        ...wanted,
        ...{ offered: count, told, refused: refused.size, behindMs: offered.behindMs, conflicts, troubles },
        proposals: told / 2 + conflicts,
        ...waits(offered, toldOf, await readCrowd(crowd, wanted.seed), endAt, (wanted.rate * WARM_MS) / 1_000),
        ...costs(first, last, (name) => (name === "load" || name === SUPERVISOR ? name : system.roleOf(name))),
      };
    };
  const auditAtRest = async () => {
    const services = system.measured().filter(({ name }) => !["redis", "nginx", SUPERVISOR].includes(name));
    const signalAll = (name: NodeJS.Signals) => {
      for (const { pid } of services) if (pid !== undefined) process.kill(pid, name);
    };
    // What is read in several steps is only whole while nobody writes; nothing is measured any more.
    signalAll("SIGSTOP");
    try {
      return await audit({ redisUrl: system.redisUrl, accepted, signal });
    } finally {
      signalAll("SIGCONT");
    }
  };
  const release = held.move();
  return { offer, audit: auditAtRest, [Symbol.asyncDispose]: () => release.disposeAsync() };
};

/** pino's level for warnings. */
const WARN = 40;

const readLogs = ({ dataDir, measured }: BenchSystem): { conflicts: number; troubles: number } => {
  let [conflicts, troubles] = [0, 0];
  for (const { name } of measured()) {
    if (["redis", "nginx", SUPERVISOR].includes(name)) continue;
    for (const line of readFileSync(join(dataDir, "logs", `${name}.log`), "utf8").split("\n")) {
      if (!line.startsWith("{")) continue;
      const entry: { level: number; msg?: string; matches?: unknown } = JSON.parse(line);
      if (entry.msg === "proposals conflicted" && Array.isArray(entry.matches)) conflicts += entry.matches.length;
      else if (entry.level >= WARN) troubles += 1;
    }
  }
  return { conflicts, troubles };
};
