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

export interface FullLoadOptions {
  /** That the processes and the cluster of three masters serve. */
  partitions: number;
  /** To which of them players come, counted from 1; absent: to each. */
  played?: number[];
  /** Whether players have been in their partition before; else each comes from another. */
  returning: boolean;
}

/** At once in each partition that is played in. */
export const IN_FLIGHT = 2_000;
/** Enough for the whole time: where those of one partition are through before, the others have more of the machine. */
const COUNT = 160_000;
/** Of everything but Redis, as docs/redis.md advises where it shares its cores. */
const NICENESS = 10;

/** As many players as partitions take, which share one process per role. Redis goes first where the cores are full. */
export const measureFullLoad = async (
  context: BenchContext,
  { partitions, played, returning }: FullLoadOptions,
): Promise<FullLoad> => {
  const { seed, quick, say } = context;
  const forMs = quick ? 3_000 : 6_000;
  const places = played?.length ?? partitions;
  const who = returning ? "players who return" : "newcomers";
  say(`${places} of ${partitions} partition(s): ${IN_FLIGHT} ${who} at once in each for ${forMs / 1_000} s`);
  const options = { partitions, ...(played && { played }), cluster: true, niceness: NICENESS };
  await using pipeline = await startPipeline({ ...context, say: () => {} }, options);
  const order = { seed, count: COUNT, forMs, inFlight: IN_FLIGHT, returning };
  await pipeline.flood({ ...order, seed: seed + 2e6, count: 30_000 });
  const { toldAt, microsPerPlayer } = await pipeline.flood(order);
  const { duplicates, inconsistencies } = await pipeline.audit();
  const rates = Array.from({ length: places }, (_, place) =>
    floodRate(toldAt.filter((_, player) => placeOf(player, places) === place)),
  );
  const all = microsPerPlayer?.all;
  return {
    ...{ playersPerSecond: floodRate(toldAt), slowest: Math.min(...rates) },
    microsPerPlayer: typeof all === "number" ? all : null,
    ...{ duplicates, inconsistencies: inconsistencies.length },
  };
};
