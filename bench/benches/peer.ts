import type { Bench, Figures } from "../bench.ts";
import { type FloodOrder, measureMuster, measurePeer, type PeerRun } from "../peer/measure-peers.ts";

/** Of these the one that suits a matchmaker best counts, for each of them. */
const IN_FLIGHT = [2_000, 6_000];
const COUNT = 400_000;

export const peer: Bench = {
  name: "peer",
  about: "1 against 1, as many players as each takes: Muster, Colyseus' queue room with its Redis driver, a naive one",
  seed: 7,
  async run(context) {
    const forMs = context.quick ? 3_000 : 6_000;
    const best: Record<string, PeerRun> = {};
    for (const inFlight of IN_FLIGHT) {
      const order: FloodOrder = { inFlight, forMs, count: COUNT, seed: context.seed };
      const runs = {
        colyseus: await measurePeer(context, "colyseus", { ...order, count: 150_000 }),
        naive: await measurePeer(context, "naive", order),
        muster: await measureMuster(context, order),
      };
      for (const [name, run] of Object.entries(runs)) {
        if (run.playersPerSecond > (best[name]?.playersPerSecond ?? 0)) best[name] = run;
      }
    }
    const rate = (name: string) => best[name]?.playersPerSecond ?? 0;
    const figures: Figures = {
      ...{ muster: rate("muster"), colyseus: rate("colyseus"), naive: rate("naive") },
      ratioColyseus: rate("muster") / rate("colyseus"),
      ratioNaive: rate("muster") / rate("naive"),
      microsPerPlayer: Object.fromEntries(Object.entries(best).map(([name, run]) => [name, run.microsPerPlayer])),
    };
    return {
      figures,
      rows: [
        { figure: "muster", label: "Muster", unit: "players/s" },
        { figure: "colyseus", label: "Colyseus", unit: "players/s" },
        { figure: "naive", label: "naive", unit: "players/s" },
        { figure: "ratioColyseus", label: "Muster to Colyseus", unit: "×" },
        { figure: "ratioNaive", label: "Muster to naive", unit: "×" },
        ...["muster", "colyseus", "naive"].map((name) => ({
          figure: `microsPerPlayer.${name}`,
          label: `CPU per player with Redis: ${name}`,
          unit: "µs",
        })),
      ],
      goals: [{ figure: "ratioColyseus", atLeast: 2.5 }],
      notes: [
        `The same players, and the same Redis (AOF everysec); done is when both players were told. Each with ${IN_FLIGHT.join(" and ")} players at once for ${forMs / 1_000} s: the better run counts. Before it, half as long to warm up.`,
        "Colyseus without its HTTP and WebSockets, one process, as its matchmaker's own calls allow; Muster without them too, one process per role, its notifications by way of Redis to a process of their own.",
      ],
    };
  },
};
