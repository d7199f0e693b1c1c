import type { Bench, Figures } from "../bench.ts";
import { type CommitRun, measureFloor, measureMover } from "../commit/measure-commit.ts";
import { median } from "../median.ts";

export const commit: Bench = {
  name: "commit",
  about: "the mover alone, beside the bare minimum of Redis commands for the same writes",
  seed: 55,
  async run(context) {
    const rounds = context.quick ? 1 : 3;
    const measure = async (queue: string, matches: number): Promise<Figures> => {
      const order = { queue, matches: context.quick ? matches / 4 : matches, seed: context.seed };
      const runs: { mover: CommitRun; floor: CommitRun }[] = [];
      for (let round = 0; round < rounds; round++) {
        runs.push({ floor: await measureFloor(context, order), mover: await measureMover(context, order) });
      }
      const medianOf = (value: (run: (typeof runs)[number]) => number): number => median(runs.map(value));
      return {
        matchesPerSecond: medianOf(({ mover }) => mover.matchesPerSecond),
        floorMatchesPerSecond: medianOf(({ floor }) => floor.matchesPerSecond),
        ratio: medianOf(({ mover, floor }) => mover.matchesPerSecond / floor.matchesPerSecond),
        redisMicrosPerMatch: medianOf(({ mover }) => mover.redisMicrosPerMatch),
        floorRedisMicrosPerMatch: medianOf(({ floor }) => floor.redisMicrosPerMatch),
        redisRatio: medianOf(({ mover, floor }) => floor.redisMicrosPerMatch / mover.redisMicrosPerMatch),
      };
    };
    const duel = await measure("duel", 40_000);
    const team = await measure("team", 10_000);
    const rows = (way: string, label: string) => [
      { figure: `${way}matchesPerSecond`, label: `${label}: mover`, unit: "matches/s" },
      { figure: `${way}floorMatchesPerSecond`, label: "  floor", unit: "matches/s" },
      { figure: `${way}ratio`, label: "  mover to floor" },
      { figure: `${way}redisMicrosPerMatch`, label: "  CPU of Redis per match", unit: "µs" },
      { figure: `${way}floorRedisMicrosPerMatch`, label: "  of the floor", unit: "µs" },
      { figure: `${way}redisRatio`, label: "  floor to mover, by CPU of Redis" },
    ];
    return {
      figures: { ...team, duel },
      rows: [...rows("", "5 against 5"), ...rows("duel.", "1 against 1")],
      goals: [
        { figure: "matchesPerSecond", atLeast: 15_000 },
        { figure: "ratio", atLeast: 0.6 },
        { figure: "duel.ratio", atLeast: 0.6 },
      ],
      notes: [
        `Median of ${rounds}, each pair one after the other. The floor writes without check, fence or job what a commit writes, pre-encoded, over a plain socket.`,
        "Every run ends with a check that all matches are there and nothing in Redis is inconsistent.",
      ],
    };
  },
};
