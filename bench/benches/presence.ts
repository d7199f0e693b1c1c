import { type ChildProcess, fork } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Samples } from "@muster/cli";
import { PlayerClient } from "@muster/client";
import { systemClock } from "@muster/core/service";
import { openStore, type Store } from "@muster/store";
import type { Bench, BenchContext } from "../bench.ts";
import { readRssMiB } from "../cpu.ts";
import type { ToSocketsProcess } from "../sockets-process.ts";
import { type BenchSystem, startBenchSystem } from "../system.ts";

const ENTRY = fileURLToPath(new URL("../sockets-process.ts", import.meta.url));
const PLAYSERVER = "playserver-1";
const SOCKETS_PER_PROCESS = 2_500;
/** Several refreshes of presence. */
const SETTLE_MS = 12_000;
const ELO = 1_000;

export const presence: Bench = {
  name: "presence",
  about: "a dropped player's ticket is out of reach; memory of one playserver with many players' own connections",
  seed: 0,
  async run(context) {
    const { quick, signal, say } = context;
    const drops = quick ? 50 : 200;
    const sockets = quick ? 2_500 : 10_000;
    await using system = await startBenchSystem(context);
    const store = await openStore({ url: system.redisUrl, partition: "main", name: "bench", clock: systemClock });
    try {
      say(`dropping ${drops} connections`);
      const outMs = await dropConnections(system, store, drops, signal);
      const before = rssOf(system);
      say(`opening ${sockets} connections to one playserver`);
      const after = await holdSockets(context, system, sockets);
      return {
        figures: {
          outMs: { p50: outMs.percentile(50), p99: outMs.percentile(99), most: outMs.percentile(100) },
          rssMiB: { before, after },
          sockets,
        },
        rows: [
          { figure: "outMs.p50", label: "from a close to out of reach, p50", unit: "ms" },
          { figure: "outMs.p99", label: "the same, p99", unit: "ms" },
          { figure: "outMs.most", label: "the same, longest", unit: "ms" },
          { figure: "sockets", label: "connections to one playserver" },
          { figure: "rssMiB.before", label: "its memory without them", unit: "MiB" },
          { figure: "rssMiB.after", label: "its memory with them", unit: "MiB" },
        ],
        goals: [
          { figure: "outMs.p99", below: 100 },
          { figure: "rssMiB.after", below: 300 },
        ],
        notes: [
          `${drops} drops one by one through nginx; ${sockets} players connected directly to ${PLAYSERVER}.`,
          ...system.notes(),
        ],
      };
    } finally {
      await store.close();
    }
  },
};

/** ms from closing a waiting player's connection until no search can find its ticket, one after the other. */
const dropConnections = async (
  system: BenchSystem,
  store: Store,
  drops: number,
  signal: AbortSignal,
): Promise<Samples> => {
  const samples = new Samples();
  for (let n = 0; n < drops; n++) {
    signal.throwIfAborted();
    const player = `drop-${n}`;
    const client = new PlayerClient({ url: system.url, player });
    await client.connect();
    const { id } = await client.queue("duel", { players: [{ id: player, elo: ELO }] });
    if (!(await isFound(store))) throw new Error(`ticket ${id} is not found by searches`);
    const closedAt = performance.now();
    const closed = client.close();
    while (await isFound(store)) signal.throwIfAborted();
    samples.add(performance.now() - closedAt);
    await closed;
    await store.endTicket(id, "cancelled");
  }
  return samples;
};

/** Nobody else waits in this system. */
const isFound = async (store: Store): Promise<boolean> =>
  (await store.readRange("duel", { low: ELO, high: ELO, centre: ELO, limit: 10 })).length > 0;

const rssOf = (system: BenchSystem): number | null => readRssMiB(system.measured()).get(PLAYSERVER) ?? null;

/** @returns the playserver's memory while all are open, MiB; null where the operating system doesn't tell */
const holdSockets = async ({ signal }: BenchContext, system: BenchSystem, count: number): Promise<number | null> => {
  const url = `ws://127.0.0.1:${system.portOf(PLAYSERVER)}/v1/play?player=`;
  const children: ChildProcess[] = [];
  try {
    for (let first = 0; first < count; first += SOCKETS_PER_PROCESS) {
      const child = fork(ENTRY);
      children.push(child);
      await opened(child, { url, first, count: Math.min(SOCKETS_PER_PROCESS, count - first) }, signal);
    }
    await sleep(SETTLE_MS, undefined, { signal });
    return rssOf(system);
  } finally {
    for (const child of children) child.kill("SIGKILL");
  }
};

const opened = (child: ChildProcess, order: ToSocketsProcess, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the process of connections ended with code ${code}`)));
    child.once("message", () => resolve());
    child.send(order);
  });
