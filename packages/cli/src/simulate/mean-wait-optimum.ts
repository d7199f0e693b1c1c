import { exchangePairs } from "./exchange-pairs.ts";
import { mean } from "./numbers.ts";
import type { Interval } from "./optimum.ts";

/** Neighbours kept for each player, and how far they are looked for, in arrivals. */
const NEIGHBOURS = 14;
const REACH = 400;
/** What a ms of wait costs in elo: the range of the search, and how often it is halved (in its logarithm). */
const LEAST_PRICE = 1e-6;
const MOST_PRICE = 1;
const HALVINGS = 12;

/**
 * The mean elo gap that hindsight would reach with the same mean wait, if it may choose who waits how long: the stricter
 * comparison, for nobody knows who will arrive.
 *
 * A pair costs its elo gap plus a price times the time between its arrivals, which the earlier one waits. The price is
 * searched for that gives nearly the run's mean wait, and not more. For each price the pairing is approached by
 * `exchangePairs`, so the gap is an upper bound of the optimal one.
 *
 * @param players in the order of the run's matches: 0 and 1 are a pair, 2 and 3, …
 * @returns null when no price gives so short a wait
 */
export const gapAtMeanWait = (players: readonly Interval[]): number | null => {
  const at = (index: number): Interval => players[index] as Interval;
  const runWaitMs = mean(players.map(({ fromMs, toMs }) => toMs - fromMs)) ?? 0;
  const byArrival = players.map((_, index) => index).sort((a, b) => at(a).fromMs - at(b).fromMs || a - b);
  const apartMs = (a: number, b: number) => Math.abs(at(a).fromMs - at(b).fromMs);
  const gap = (a: number, b: number) => Math.abs(at(a).elo - at(b).elo);
  let partners = players.map((_, index) => index ^ 1);
  let [cheap, dear] = [LEAST_PRICE, MOST_PRICE];
  let found: number | null = null;
  for (let halving = 0; halving < HALVINGS; halving++) {
    const price = Math.sqrt(cheap * dear);
    const cost = (a: number, b: number) => gap(a, b) + price * apartMs(a, b);
    const neighbours = cheapestNeighbours(byArrival, cost, (a, b) => price * apartMs(a, b));
    partners = exchangePairs({ partners, neighbours, cost, mayPair: () => true });
    // Of a pair, one waits for the other: half the time between them in the mean.
    const waitMs = (mean(partners.map((partner, index) => apartMs(index, partner))) ?? 0) / 2;
    if (waitMs > runWaitMs) cheap = price;
    else {
      dear = price;
      found = mean(partners.map((partner, index) => gap(index, partner)));
    }
  }
  return found;
};

/** @param least a lower bound of the cost that only grows with the distance in arrivals */
const cheapestNeighbours = (
  byArrival: readonly number[],
  cost: (a: number, b: number) => number,
  least: (a: number, b: number) => number,
): number[][] => {
  const neighbours: number[][] = byArrival.map(() => []);
  for (const [place, index] of byArrival.entries()) {
    const cheapest: { other: number; cost: number }[] = [];
    for (const direction of [-1, 1]) {
      for (let step = 1; step <= REACH; step++) {
        const other = byArrival[place + direction * step];
        const worst = cheapest.length < NEIGHBOURS ? Infinity : (cheapest.at(-1)?.cost ?? Infinity);
        if (other === undefined || least(index, other) >= worst) break;
        const price = cost(index, other);
        if (price >= worst) continue;
        if (worst < Infinity) cheapest.pop();
        const behind = cheapest.findIndex((each) => each.cost > price);
        cheapest.splice(behind < 0 ? cheapest.length : behind, 0, { other, cost: price });
      }
    }
    neighbours[index] = cheapest.map(({ other }) => other);
  }
  return neighbours;
};
