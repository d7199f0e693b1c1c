import type { BenchContext } from "../bench.ts";
import { type CommitRun, measureFloor, measureMover } from "../commit/measure-commit.ts";
import { measureMuster, measurePeer } from "../peer/measure-peers.ts";
import { measureEnqueue } from "./measure-enqueue.ts";

/**
 * A figure of Muster's against the same work done otherwise in the same run: the larger the better. All but `rate`
 * compare CPU time, which others on the machine change less than they change the time that passes, and change for both
 * sides.
 */
export interface Ratio {
  name: string;
  about: string;
  measured: number;
  /** Below it the guard fails: docs/performance.md tells what was measured when it was set. */
  atLeast: number;
}

const SEED = 8;

/** The five ratios that `npm run bench:quick` guards. */
export const measureRatios = async (context: BenchContext): Promise<Ratio[]> => {
  const measured = await measureOnce(context);
  return NAMES.map((name) => ({ name, about: ABOUT[name], measured: measured[name], atLeast: MINIMA[name] }));
};

const measureOnce = async (context: BenchContext): Promise<Record<RatioName, number>> => {
  const duel = await commits(context, "duel", 6_000);
  const team = await commits(context, "team", 1_200);
  const enqueue = await measureEnqueue(context);
  const order = { inFlight: 2_000, forMs: 3_000, count: 200_000, seed: SEED };
  const naive = await measurePeer(context, "naive", order);
  const muster = await measureMuster(context, order);
  return {
    commit1v1: duel.floor.redisMicrosPerMatch / duel.mover.redisMicrosPerMatch,
    commit5v5: team.floor.redisMicrosPerMatch / team.mover.redisMicrosPerMatch,
    enqueue: enqueue.floorMicros / enqueue.scriptMicros,
    rate: muster.playersPerSecond / naive.playersPerSecond,
    cpu: (naive.microsPerPlayer ?? Number.NaN) / (muster.microsPerPlayer ?? Number.NaN),
  };
};

const ABOUT = {
  commit1v1: "CPU of Redis per match of two: bare commands to mover",
  commit5v5: "CPU of Redis per match of ten: bare commands to mover",
  enqueue: "CPU of Redis per enqueue: bare commands to script",
  rate: "players/s from enqueue to notification: Muster to naive",
  cpu: "CPU per player with Redis: naive to Muster",
};
type RatioName = keyof typeof ABOUT;
// Its keys are the names.
const NAMES = Object.keys(ABOUT) as RatioName[];

/** Low enough for a machine whose cores two others share, high enough to notice what doubles a cost. */
const MINIMA: Record<RatioName, number> = { commit1v1: 0.35, commit5v5: 0.3, enqueue: 0.5, rate: 0.03, cpu: 0.04 };

const commits = async (
  context: BenchContext,
  queue: string,
  matches: number,
): Promise<{ floor: CommitRun; mover: CommitRun }> => {
  const order = { queue, matches, seed: SEED };
  return { floor: await measureFloor(context, order), mover: await measureMover(context, order) };
};
