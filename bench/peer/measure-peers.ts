import { startTestRedis } from "@muster/store/testing";
import type { BenchContext } from "../bench.ts";
import { type Calls, startChild } from "../child.ts";
import { cpuBetween, readCpu } from "../cpu.ts";
import { DURABLE, startPipeline } from "../pipeline/pipeline.ts";
import type { ColyseusCalls } from "./colyseus-process.ts";
import { type Flood, floodRate } from "./flood.ts";

export interface PeerRun {
  playersPerSecond: number;
  /** CPU of all its processes and of its Redis per player told; null where the operating system doesn't tell. */
  microsPerPlayer: number | null;
  told: number;
}

export type FloodOrder = Omit<Flood, "crowd">;
type PeerCalls = Pick<ColyseusCalls, "open" | "flood"> & Calls;

/** Elos that duel takes at the first try. */
const ELO_SPREAD = 25;

/** What runs for the first time is slow: of each a shorter flood comes first. */
const warmUp = ({ seed, forMs }: FloodOrder) => ({ seed: seed + 1e6, count: 50_000, forMs: forMs / 2 });

/** Each with a fresh Redis of its own, written to disk as Muster's is. */
export const measurePeer = async (
  { signal, say }: BenchContext,
  name: "colyseus" | "naive",
  order: FloodOrder,
): Promise<PeerRun> => {
  say(`${name}: ${order.inFlight} players at once for ${order.forMs / 1_000} s`);
  const module = name === "naive" ? "../naive/naive-process.ts" : "./colyseus-process.ts";
  await using held = new AsyncDisposableStack();
  const redis = held.adopt(await startTestRedis({ args: DURABLE }), (started) => started.stop());
  const child = held.use(startChild<PeerCalls>(new URL(module, import.meta.url), signal));
  await child.ask("open", { redisUrl: redis.url, eloSpread: ELO_SPREAD });
  await child.ask("flood", { ...order, ...warmUp(order), crowd: `${name}-warm` });
  const measured = [redis, child].map(({ pid }) => ({ name: String(pid), pid }));
  const before = readCpu(measured);
  const toldAt = await child.ask("flood", { ...order, crowd: name });
  const after = readCpu(measured);
  const told = toldAt.filter((at) => !Number.isNaN(at)).length;
  const use = before && after && cpuBetween(before, after);
  const seconds = before && after ? (after.at - before.at) / 1_000 : 0;
  const cores = [...(use?.cores.values() ?? [])].reduce((sum, each) => sum + each, 0);
  return { playersPerSecond: floodRate(toldAt), microsPerPlayer: use ? (cores * seconds * 1e6) / told : null, told };
};

export const measureMuster = async (context: BenchContext, order: FloodOrder): Promise<PeerRun> => {
  context.say(`muster: ${order.inFlight} players at once for ${order.forMs / 1_000} s`);
  await using pipeline = await startPipeline({ ...context, say: () => {} });
  await pipeline.flood({ ...order, ...warmUp(order) });
  const { toldAt, microsPerPlayer } = await pipeline.flood(order);
  const found = await pipeline.audit();
  if (found.duplicates + found.inconsistencies.length > 0) throw new Error(`broken: ${JSON.stringify(found)}`);
  const all = microsPerPlayer?.all;
  return {
    playersPerSecond: floodRate(toldAt),
    microsPerPlayer: typeof all === "number" ? all : null,
    told: toldAt.filter((at) => !Number.isNaN(at)).length,
  };
};
