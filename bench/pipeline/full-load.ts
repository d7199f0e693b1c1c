import type { BenchContext } from "../bench.ts";
import { floodRate } from "../peer/flood.ts";
import { placeOf } from "./crowd.ts";
import { startPipeline } from "./pipeline.ts";

export interface FullLoad {
  /** Of all partitions together. */
  playersPerSecond: number;
  /** Of the partition that had the fewest. */
  slowest: number;
  /** CPU of everything; null where the operating system doesn't tell. */
  microsPerPlayer: number | null;
  duplicates: number;
  inconsistencies: number;
}

/** At once in each partition; of these the number that suits best counts. */
export const IN_FLIGHT = [1_000, 2_000];
const COUNT = 100_000;

/**
 * As many players as so many partitions take, which share one process per role and a cluster of three masters.
 *
 * @param returning whether they have been in their partition before; else each comes from another
 */
export const measureFullLoad = async (
  context: BenchContext,
  partitions: number,
  returning: boolean,
): Promise<FullLoad> => {
  const runs: FullLoad[] = [];
  for (const inFlight of IN_FLIGHT) runs.push(await measure(context, partitions, inFlight, returning));
  const sumOf = (figure: "duplicates" | "inconsistencies") => runs.reduce((sum, run) => sum + run[figure], 0);
  const [best] = runs.toSorted((a, b) => b.slowest - a.slowest);
  if (!best) throw new Error("nothing was measured");
  return {
    ...best,
    ...{ duplicates: sumOf("duplicates"), inconsistencies: sumOf("inconsistencies") },
  };
};

const measure = async (
  context: BenchContext,
  partitions: number,
  inFlight: number,
  returning: boolean,
): Promise<FullLoad> => {
  const { seed, quick, say } = context;
  const forMs = quick ? 3_000 : 6_000;
  const who = returning ? "players who return" : "newcomers";
  say(`${partitions} partition${partitions > 1 ? "s" : ""}: ${inFlight} ${who} at once in each for ${forMs / 1_000} s`);
  await using pipeline = await startPipeline({ ...context, say: () => {} }, { partitions, cluster: true });
  const order = { seed, count: COUNT, forMs, inFlight, returning };
  await pipeline.flood({ ...order, seed: seed + 2e6, count: COUNT / 2 });
  const { toldAt, microsPerPlayer } = await pipeline.flood(order);
  const { duplicates, inconsistencies } = await pipeline.audit();
  const rates = Array.from({ length: partitions }, (_, partition) =>
    floodRate(toldAt.filter((_, player) => placeOf(player, partitions) === partition)),
  );
  const all = microsPerPlayer?.all;
  return {
    ...{ playersPerSecond: floodRate(toldAt), slowest: Math.min(...rates) },
    microsPerPlayer: typeof all === "number" ? all : null,
    ...{ duplicates, inconsistencies: inconsistencies.length },
  };
};
