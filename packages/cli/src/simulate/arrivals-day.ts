import type { Random } from "@muster/core";
import { exponential } from "../load/seeded-random.ts";

const HOUR_MS = 3_600_000;
const PEAK_HOUR = 20;
const SWING = 0.4;
/** Where the curve crosses its mean on the way up. */
const MEAN_HOUR = PEAK_HOUR - 6;

/**
 * How busy an hour of the day is, as a multiple of the day's mean: `1 + 0.4 · cos(2π (hour − 20) / 24)`. So the evening
 * at 20:00 sees 1.4 times the mean and the morning at 8:00 0.6 times. An assumption, shaped like the daily swing of
 * games whose player counts are public.
 */
export const dayCurve = (hour: number): number => 1 + SWING * Math.cos((2 * Math.PI * (hour - PEAK_HOUR)) / 24);

/** The hour at which a run begins so that the curve's mean over the run is 1: the run lies around 14:00. */
export const balancedStartHour = (forMs: number): number => (((MEAN_HOUR - forMs / HOUR_MS / 2) % 24) + 24) % 24;

export interface ArrivalTimes {
  /** Arrivals per second, the mean over a day. */
  ratePerS: number;
  /** Arrivals end then. */
  forMs: number;
  /** The hour of the day at which the run begins, 0 to under 24; null: the rate is the same at all hours. */
  startHour: number | null;
  random: Random;
}

/**
 * When somebody arrives, in ms since the start, ascending: a Poisson process whose rate follows the day's curve. Drawn
 * by thinning (Lewis and Shedler 1979): arrivals at the highest rate, each kept with the share of it that its hour has.
 */
export function* arrivalTimes({ ratePerS, forMs, startHour, random }: ArrivalTimes): Generator<number> {
  const highest = startHour === null ? 1 : 1 + SWING;
  const meanGapMs = 1_000 / (ratePerS * highest);
  for (let atMs = exponential(meanGapMs, random); atMs < forMs; atMs += exponential(meanGapMs, random)) {
    const share = startHour === null ? 1 : dayCurve(startHour + atMs / HOUR_MS) / highest;
    if (share === 1 || random.next() < share) yield atMs;
  }
}
