import { parseSimulateOptions, readPopulation, runSimulation, type SimulationReport } from "@muster/cli";
import type { Bench, BenchContext, Goal, Row } from "../bench.ts";

/** Each run is drawn from so many seeds, the first of them the bench's; a goal is for the worst of them. */
const SEEDS = 3;

/** As `muster simulate` takes them: the shipped queues and population. */
const RUNS = [
  { name: "duel", queue: "duel", rate: "5/s", for: "2h", quickFor: "10m" },
  // The rate is an assumption: at it the waits are those of Halo's playlists.
  { name: "ranked", queue: "ranked", rate: "1/s", for: "1h", quickFor: "5m" },
] as const;

/** What is kept of each run, and whether the highest or the lowest of the seeds is the worst. */
const FIGURES: Readonly<Record<string, (report: SimulationReport) => number | null>> = {
  waitMsP50: ({ waitMs }) => waitMs.p50,
  waitMsP95: ({ waitMs }) => waitMs.p95,
  eloGapMean: ({ eloGap }) => eloGap.mean,
  decileWaitRatio: ({ decileWaitRatio }) => decileWaitRatio,
  winMeanAbsDev: ({ winProbability }) => winProbability.meanAbsDev,
  premadeUnequalShare: ({ premadeUnequalShare }) => premadeUnequalShare,
  optimumRatio: ({ optimumRatio }) => optimumRatio,
  meanWaitOptimumRatio: ({ meanWaitOptimumRatio }) => meanWaitOptimumRatio,
};

export const simulate: Bench = {
  name: "simulate",
  about: `the simulator over the shipped population, ${SEEDS} seeds of each run, of which the worst counts`,
  seed: 1,
  async run(context) {
    const runs = [];
    for (const run of RUNS) runs.push([run.name, await worstOfSeeds(context, run)] as const);
    return {
      figures: Object.fromEntries(runs),
      rows: [...RUNS.flatMap(({ name }) => rowsOf(name)), ...RUNS.flatMap(({ name }) => speedRows(name))],
      goals: [
        ...atMost("duel", { waitMsP50: 5_000, waitMsP95: 30_000, eloGapMean: 25, decileWaitRatio: 4 }),
        ...atMost("duel", { optimumRatio: 1.25, meanWaitOptimumRatio: 1.25 }),
        ...atMost("ranked", { waitMsP50: 106_000, winMeanAbsDev: 0.03, premadeUnequalShare: 0.1 }),
        { figure: "ranked.waitMsP50Lowest", atLeast: 38_000 },
      ],
      notes: [
        "lichess's real pairings have a median elo gap of 103; Halo's playlists have median waits of 38 to 106 s.",
        "5 duels' players and 1 ranked ticket's players per second, on a day's curve, and parties of which each size is half as frequent as the one before are assumptions.",
        "optimumRatio compares with a pairing in hindsight in which everybody waits as long, meanWaitOptimumRatio with one that may choose who waits.",
      ],
    };
  },
};

type Run = (typeof RUNS)[number];

const worstOfSeeds = async ({ seed, quick, signal, say }: BenchContext, run: Run) => {
  const worst: Record<string, number | null> = {};
  let lowestP50 = Infinity;
  let [speedUp, withHindsight] = [Infinity, Infinity];
  for (let each = seed; each < seed + SEEDS; each++) {
    say(`${run.name}, seed ${each}`);
    // Lets a signal in: a run itself takes a core for itself.
    await new Promise(setImmediate);
    signal.throwIfAborted();
    const raw = { queue: run.queue, rate: run.rate, for: quick ? run.quickFor : run.for, seed: String(each) };
    const { simulate } = await parseSimulateOptions(raw);
    const people = await readPopulation(simulate.population);
    const begin = performance.now();
    let simulatedAt = begin;
    const report = runSimulation(simulate, people, {
      simulated: () => {
        simulatedAt = performance.now();
      },
    })[0]?.report;
    if (!report) throw new Error("a simulation without a report");
    speedUp = Math.min(speedUp, simulate.forMs / (simulatedAt - begin));
    withHindsight = Math.min(withHindsight, simulate.forMs / (performance.now() - begin));
    for (const [name, figure] of Object.entries(FIGURES)) {
      const value = figure(report);
      if (value !== null) worst[name] = Math.max(worst[name] ?? -Infinity, value);
    }
    lowestP50 = Math.min(lowestP50, report.waitMs.p50 ?? Infinity);
  }
  return {
    ...worst,
    waitMsP50Lowest: lowestP50,
    speedUp: Math.round(speedUp),
    speedUpWithHindsight: Math.round(withHindsight),
  };
};

/** A figure may be what its goal says: the next number that a report can tell is above. */
const atMost = (run: string, goals: Readonly<Record<string, number>>): Goal[] =>
  Object.entries(goals).map(([name, most]) => ({ figure: `${run}.${name}`, below: most + 1e-9 }));

const rowsOf = (run: string): Row[] => [
  { figure: `${run}.waitMsP50`, label: `${run}: wait p50`, unit: "ms" },
  { figure: `${run}.waitMsP95`, label: "  wait p95", unit: "ms" },
  { figure: `${run}.eloGapMean`, label: "  elo gap mean", unit: "elo" },
  { figure: `${run}.decileWaitRatio`, label: "  worst elo decile's wait / median decile's", unit: "×" },
  ...(run === "duel"
    ? [
        { figure: "duel.optimumRatio", label: "  elo gap / hindsight's, each within its own wait", unit: "×" },
        { figure: "duel.meanWaitOptimumRatio", label: "  elo gap / hindsight's, free to choose who waits", unit: "×" },
      ]
    : [
        { figure: "ranked.waitMsP50Lowest", label: "  lowest wait p50 of the seeds", unit: "ms" },
        { figure: "ranked.winMeanAbsDev", label: "  |win probability − 0.5| mean" },
        { figure: "ranked.premadeUnequalShare", label: "  share of unequal premades" },
      ]),
];

const speedRows = (run: string): Row[] => [
  { figure: `${run}.speedUp`, label: `${run}: simulated time / time it took, lowest`, unit: "×" },
  ...(run === "duel"
    ? [{ figure: "duel.speedUpWithHindsight", label: "  compared with hindsight too", unit: "×" }]
    : []),
];
