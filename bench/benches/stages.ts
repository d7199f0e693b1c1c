import type { Bench, Figures } from "../bench.ts";
import { measureStages, STAGES } from "../stages/measure-stages.ts";

export const stages: Bench = {
  name: "stages",
  about:
    "CPU per player of each stage alone, one after the other in one process: for before and after, also on a busy machine",
  seed: 800,
  async run(context) {
    const { costs, relayMicros, matched } = await measureStages(context);
    const figures: Record<string, Figures> = {};
    let [node, redis] = [relayMicros ?? 0, 0];
    for (const stage of STAGES) {
      const { nodeMicros, redisMicros } = costs[stage];
      figures[stage] = { nodeMicros, redisMicros };
      node += nodeMicros;
      redis += redisMicros;
    }
    return {
      figures: { ...figures, relay: { nodeMicros: relayMicros }, all: { node, redis, both: node + redis }, matched },
      rows: [
        ...STAGES.flatMap((stage) => [
          { figure: `${stage}.nodeMicros`, label: `${stage}: Node`, unit: "µs" },
          { figure: `${stage}.redisMicros`, label: "  Redis", unit: "µs" },
        ]),
        { figure: "relay.nodeMicros", label: "relay: Node", unit: "µs" },
        { figure: "all.node", label: "all: Node", unit: "µs" },
        { figure: "all.redis", label: "  Redis", unit: "µs" },
        { figure: "all.both", label: "  both", unit: "µs" },
        { figure: "matched", label: "players matched" },
      ],
      goals: [],
      notes: [
        "Per player matched, at most 800 on their way at once. Redis' share of the relay is in enqueue and commit.",
      ],
    };
  },
};
