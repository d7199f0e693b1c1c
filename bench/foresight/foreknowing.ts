import { lookAhead } from "./look-ahead.ts";
import type { Prices } from "./match-with-singles.ts";
import type { Comer, Policy } from "./play.ts";

/** Knows who will come until the horizon, which nobody does: what that would be worth. */
export const foreknowing = (arrivals: readonly Comer[], prices: Prices): Policy =>
  lookAhead({
    prices,
    futures: ({ nowMs, arrived }) => {
      let end = arrived;
      while ((arrivals[end]?.atMs ?? Infinity) < nowMs + prices.horizonMs) end++;
      return [arrivals.slice(arrived, end)];
    },
  });
