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
  const runWaitMs = mean(players.map(({ fromMs, toMs }) => toMs - fromMs)) ?? 0;
  // From here on a player's number is its place among the arrivals.
  const { elo, fromMs, partners: ofRun } = inOrderOfArrival(players);
  const apartMs = (a: number, b: number) => Math.abs((fromMs[a] ?? 0) - (fromMs[b] ?? 0));
  const gap = (a: number, b: number) => Math.abs((elo[a] ?? 0) - (elo[b] ?? 0));
  let partners = ofRun;
  let [cheap, dear] = [LEAST_PRICE, MOST_PRICE];
  let found: number | null = null;
  for (let halving = 0; halving < HALVINGS; halving++) {
    const price = Math.sqrt(cheap * dear);
    const cost = (a: number, b: number) => gap(a, b) + price * apartMs(a, b);
    partners = exchangePairs({
      partners,
      neighbours: cheapestNeighbours(elo, fromMs, price),
      cost,
      mayPair: () => true,
    });
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

const inOrderOfArrival = (players: readonly Interval[]) => {
  const numbered = players.map((player, index) => ({ ...player, index }));
  numbered.sort((a, b) => a.fromMs - b.fromMs || a.index - b.index);
  const places = new Int32Array(players.length);
  for (const [place, { index }] of numbered.entries()) places[index] = place;
  return {
    elo: Float64Array.from(numbered, ({ elo }) => elo),
    fromMs: Float64Array.from(numbered, ({ fromMs }) => fromMs),
    partners: numbered.map(({ index }) => places[index ^ 1] ?? 0),
  };
};

/** For each player whom it would cost least to pair it with, the cheapest first; of equal ones those who came before it. */
const cheapestNeighbours = (elo: Float64Array, fromMs: Float64Array, price: number): number[][] => {
  const others = new Int32Array(NEIGHBOURS);
  const costs = new Float64Array(NEIGHBOURS);
  return Array.from(elo, (ownElo, place) => {
    let count = 0;
    for (const direction of [-1, 1]) {
      const end = direction < 0 ? Math.max(-1, place - REACH - 1) : Math.min(elo.length, place + REACH + 1);
      for (let other = place + direction; other !== end; other += direction) {
        const wait = price * Math.abs((fromMs[other] ?? 0) - (fromMs[place] ?? 0));
        const worst = count < NEIGHBOURS ? Infinity : (costs[NEIGHBOURS - 1] ?? Infinity);
        // Those beyond came even longer before or after.
        if (wait >= worst) break;
        const cost = wait + Math.abs((elo[other] ?? 0) - ownElo);
        if (cost >= worst) continue;
        if (count < NEIGHBOURS) count++;
        let rank = count - 1;
        for (; rank > 0 && (costs[rank - 1] ?? 0) > cost; rank--) {
          costs[rank] = costs[rank - 1] ?? 0;
          others[rank] = others[rank - 1] ?? 0;
        }
        costs[rank] = cost;
        others[rank] = other;
      }
    }
    return [...others.subarray(0, count)];
  });
};
