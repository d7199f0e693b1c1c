import type { Bench } from "../bench.ts";
import { COST_ROWS, INVARIANTS, LOAD_ROWS, measureLoad } from "../measure-load.ts";
import { startBenchSystem } from "../system.ts";

/** An outlook: what the default layout does when far more players come than it was asked to serve. */
export const burst: Bench = {
  name: "burst",
  about: "2,000 real players/s in duel for a moment, through nginx, from a cold start",
  seed: 2_000,
  async run(context) {
    await using system = await startBenchSystem(context);
    const { figures, notes } = await measureLoad(context, system, {
      queue: "duel",
      rate: 2_000,
      forMs: context.quick ? 5_000 : 10_000,
    });
    return {
      figures,
      rows: [...LOAD_ROWS, ...COST_ROWS],
      goals: [...INVARIANTS],
      notes: [...notes, ...system.notes()],
    };
  },
};
