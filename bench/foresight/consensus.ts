import type { Random } from "@muster/core";
import { type Crowd, drawArrivals } from "./draw-arrivals.ts";
import { lookAhead } from "./look-ahead.ts";
import type { Prices } from "./match-with-singles.ts";
import type { Policy } from "./play.ts";

const FUTURES = 20;

/** Draws futures from the very distribution that the players come from: more than a matchmaker can know. */
export const consensus = (crowd: Crowd, prices: Prices, random: Random): Policy =>
  lookAhead({
    prices,
    futures: ({ nowMs }) =>
      Array.from({ length: FUTURES }, () =>
        drawArrivals(crowd, prices.horizonMs, random).map(({ elo, atMs }) => ({ elo, atMs: nowMs + atMs })),
      ),
  });
