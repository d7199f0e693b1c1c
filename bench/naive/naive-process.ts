/** The naive baseline as a process of a bench. */
import { answerCalls, type Calls } from "../child.ts";
import { type Flood, flood, type ToldAt } from "../peer/flood.ts";
import { type Naive, startNaive } from "./naive.ts";

export interface NaiveCalls extends Calls {
  open(order: { redisUrl: string; eloSpread: number }): void;
  flood(order: Flood): Promise<ToldAt>;
}

let naive: Naive;
const tellers = new Map<string, () => void>();

answerCalls({
  open: ({ redisUrl, eloSpread }: { redisUrl: string; eloSpread: number }) => {
    naive = startNaive(redisUrl, eloSpread, (player) => {
      tellers.get(player)?.();
      tellers.delete(player);
    });
  },
  flood: (order: Flood) =>
    flood(order, async (crowd, players, told) => {
      await Promise.all(
        players.map(async (player) => {
          tellers.set(crowd.id(player), () => told(player));
          if (!(await naive.join(crowd.id(player), crowd.person(player).elo))) throw new Error("a player joined twice");
        }),
      );
    }),
} satisfies NaiveCalls as Calls);
