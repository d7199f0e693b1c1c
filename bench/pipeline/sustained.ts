import type { PipelineRun } from "./pipeline.ts";

const MOST_WAIT_MS = 1_000;
const STEP = 1.3;
const [LOWEST, HIGHEST] = [400, 100_000];
/** Of what the machine would bear at the cost of the last rate: the limit is not to be jumped over. */
const STEP_INTO_ROOM = 0.9;
/** The search for the limit ends when it is known this well. */
const PRECISION = 1.1;
/** From a rate that wasn't borne for long. */
export const STEP_BACK = 0.92;

/** The load was borne: nobody was refused, and 99 % of the players were told within a second. */
export const isSustained = ({ waitMs, refused }: Pick<PipelineRun, "waitMs" | "refused">): boolean =>
  refused === 0 && (waitMs.percentile(99) ?? Infinity) < MOST_WAIT_MS;

/** Who waits for longer than this doesn't because others used the machine for a moment. */
const NEARLY_WAIT_MS = 1_500;

/** Not borne, but for so little that it may be worth another try. */
export const isNearlySustained = ({ waitMs, refused }: Pick<PipelineRun, "waitMs" | "refused">): boolean =>
  refused === 0 && (waitMs.percentile(99) ?? Infinity) < NEARLY_WAIT_MS;

export interface Tried {
  isBorne: boolean;
  /** Where it is not: whether it may be tried again. */
  isNearly?: boolean;
  /** What the machine would bear at the cost of this run, players per second; undefined: not known. */
  mightBear?: number | undefined;
}

/** Between what was borne and what wasn't. */
export interface Limits {
  low: number;
  high: number;
}

/**
 * Up in steps from `from` until a rate isn't borne, or down until one is. A step is longer where what the last rate cost
 * leaves room for it: each player costs less when more come.
 *
 * @param offer offers a rate for a short while; on the way up one that is nearly borne is tried once more
 */
export const findLimits = async (offer: (rate: number) => Promise<Tried>, from: number): Promise<Limits> => {
  let room = 0;
  const isBorne = async (rate: number, tries = 1): Promise<boolean> => {
    const tried = await offer(rate);
    if (tried.isBorne) room = (tried.mightBear ?? 0) * STEP_INTO_ROOM;
    return tried.isBorne || (tries > 1 && tried.isNearly === true && isBorne(rate, tries - 1));
  };
  let low = from;
  if (!(await isBorne(low, 2))) {
    while (low > LOWEST && !(await isBorne(low / STEP))) low /= STEP;
    return { low: low / STEP, high: low };
  }
  let high = Math.max(low * STEP, room);
  while (high < HIGHEST && (await isBorne(high, 2))) [low, high] = [high, Math.max(high * STEP, room)];
  return { low, high };
};

/**
 * The highest rate that is borne for long, to about 10 %: between the limits, and below them where not even the lower
 * one is, for a short while may have been lucky.
 *
 * @param isBorne offers a rate for long
 * @returns undefined when none was
 */
export const findSustained = async (
  isBorne: (rate: number) => Promise<boolean>,
  { low, high }: Limits,
): Promise<number | undefined> => {
  let best: number | undefined;
  let next = Math.sqrt(low * high);
  while (next > LOWEST) {
    if (await isBorne(next)) best = next;
    else high = next;
    if (best === undefined) next = next > low ? low : next * STEP_BACK;
    else if (high / best <= PRECISION) break;
    else next = Math.sqrt(best * high);
  }
  return best;
};
