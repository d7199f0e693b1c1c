import { fileURLToPath } from "node:url";
import { LOAD_DEFAULTS, mean, readPopulation, seededRandom } from "@muster/cli";
import { readQueues } from "@muster/core/service";
import type { Bench, Figures, Row } from "../bench.ts";
import { audit } from "../foresight/audit.ts";
import { drawArrivals } from "../foresight/draw-arrivals.ts";
import { type Measured, measure } from "../foresight/measure.ts";
import { play } from "../foresight/play.ts";
import { policiesFor } from "../foresight/policies.ts";

const QUEUES = fileURLToPath(new URL("../../queues.json", import.meta.url));
const RATE_PER_S = 5;
const [FOR_MIN, QUICK_FOR_MIN] = [27, 6];
/** A few who wait for minutes move the mean wait, and with it the ratio, by a tenth from seed to seed. */
const [SEEDS, QUICK_SEEDS] = [3, 1];

export const foresight: Bench = {
  name: "foresight",
  about: "what it is worth to 1 against 1 to know who will come, in a model with elo alone",
  seed: 1,
  async run({ quick, seed, signal, say }) {
    const duel = (await readQueues(QUEUES)).get("duel");
    if (!duel) throw new Error("queues.json has no queue duel");
    const people = await readPopulation(LOAD_DEFAULTS.population);
    const crowd = { elos: people.map(({ elo }) => elo), ratePerS: RATE_PER_S };
    const [forMin, seeds] = quick ? [QUICK_FOR_MIN, QUICK_SEEDS] : [FOR_MIN, SEEDS];
    const runs = new Map<string, { label: string; measured: Measured[] }>();
    let [pairedTwice, pairedBeforeArrival] = [0, 0];
    for (let each = seed; each < seed + seeds; each++) {
      const random = seededRandom(each);
      const arrivals = drawArrivals(crowd, forMin * 60_000, random);
      for (const { name, label, policy } of policiesFor(duel, crowd, arrivals, random)) {
        say(`seed ${each}: ${label}`);
        const played = await play(arrivals, policy, signal);
        const run = runs.get(name) ?? { label, measured: [] };
        run.measured.push(measure(played));
        runs.set(name, run);
        const broken = audit(played.matches);
        pairedTwice += broken.pairedTwice;
        pairedBeforeArrival += broken.pairedBeforeArrival;
      }
    }
    const policies = [...runs].map(([name, { label, measured }]) => ({ name, label, figures: overSeeds(measured) }));
    return {
      figures: {
        ...Object.fromEntries(policies.map(({ name, figures }) => [name, figures])),
        pairedTwice,
        pairedBeforeArrival,
      },
      rows: [
        ...policies.flatMap(({ name, label }) => rowsOf(name, label)),
        { figure: "pairedTwice", label: "players who were paired twice" },
        { figure: "pairedBeforeArrival", label: "pairs with somebody who hadn't come yet" },
      ],
      goals: [
        { figure: "pairedTwice", exactly: 0, isInvariant: true },
        { figure: "pairedBeforeArrival", exactly: 0, isInvariant: true },
      ],
      notes: [
        `${seeds === 1 ? "One seed" : `Means of ${seeds} seeds`}, ${forMin} minutes each: players of the shipped population, ${RATE_PER_S} a second all the time; without ping, expiry, and the time that gathering and committing take.`,
        "The ratio compares the mean elo gap with that of a pairing in hindsight which may choose who waits, at the same mean wait: `simulate` has 1.25 as the goal for it.",
        "Widening is what Muster does, and shows how far the shipped steps are from that goal where ping is no matter.",
        "Density shows what is won by a reach that follows how rare a player is, and never widens.",
        "Consensus knows exactly what distribution players are drawn from, which is more than a matchmaker can, and shows what looking ahead by sampling is worth then.",
        "Those that know who comes show how many seconds of true foresight a ratio takes, which nobody has.",
        "To pair the cheapest first, by gap and time, is what one who knows everything does without weighing pairs against each other.",
        "Who still waits at the end counts in no gap and no wait.",
      ],
    };
  },
};

/** Means, and of the ratio also how far the seeds are apart. */
const overSeeds = (measured: readonly Measured[]): Figures => {
  const of = (figure: keyof Measured): number[] =>
    measured.flatMap((each) => (each[figure] === null ? [] : [each[figure]]));
  const names: (keyof Measured)[] = ["ratio", "gapMean", "waitMeanS", "waitP50S", "waitP95S", "waitLongestS", "left"];
  return {
    ...Object.fromEntries(names.map((name) => [name, mean(of(name))])),
    ratioLowest: Math.min(...of("ratio")),
    ratioHighest: Math.max(...of("ratio")),
  };
};

const rowsOf = (name: string, label: string): Row[] => [
  { figure: `${name}.ratio`, label: `${label}: elo gap / hindsight's`, unit: "×" },
  { figure: `${name}.ratioLowest`, label: "  lowest of the seeds", unit: "×" },
  { figure: `${name}.ratioHighest`, label: "  highest of the seeds", unit: "×" },
  { figure: `${name}.gapMean`, label: "  elo gap mean", unit: "elo" },
  { figure: `${name}.waitMeanS`, label: "  wait mean", unit: "s" },
  { figure: `${name}.waitP50S`, label: "  wait p50", unit: "s" },
  { figure: `${name}.waitP95S`, label: "  wait p95", unit: "s" },
  { figure: `${name}.waitLongestS`, label: "  longest wait", unit: "s" },
];
