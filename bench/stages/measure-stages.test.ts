import { expect, it } from "vitest";
import { measureStages, PER_ROUND, STAGES } from "./measure-stages.ts";

it("takes rounds of players through all stages, also those who are matched while they wait to be handed out", {
  timeout: 60_000,
}, async () => {
  const context = { quick: true, seed: 800, signal: AbortSignal.timeout(50_000), say: () => {}, show: () => {} };
  const { costs, matched } = await measureStages(context, { warmUp: 2, rounds: 2 });
  expect(matched).toBeGreaterThan(1.9 * PER_ROUND);
  for (const stage of STAGES) {
    expect(costs[stage].nodeMicros).toBeGreaterThan(0);
    expect(costs[stage].redisMicros).toBeGreaterThan(0);
  }
});
