import type { PipelineRun } from "./pipeline.ts";

const MOST_WAIT_MS = 1_000;
const STEP = 1.3;
const [LOWEST, HIGHEST] = [400, 100_000];
/** Of what the machine would bear at the cost of the last rate: the limit is not to be jumped over. */
const STEP_INTO_ROOM = 0.9;
/** The search for the limit ends when it is known this well. */
const PRECISION = 1.1;

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

/**
 * The highest rate that is borne, to about 10 %: up in steps from `from` until one isn't, then between the last two. A step
 * is longer where what the last rate cost leaves room for it: each player costs less when more come.
 *
 * @param offer offers a rate; on the way up one that is nearly borne is tried once more
 */
export const findSustained = async (offer: (rate: number) => Promise<Tried>, from: number): Promise<number> => {
  let room = 0;
  const isBorne = async (rate: number, tries = 1): Promise<boolean> => {
    const tried = await offer(rate);
    if (tried.isBorne) room = (tried.mightBear ?? 0) * STEP_INTO_ROOM;
    return tried.isBorne || (tries > 1 && tried.isNearly === true && isBorne(rate, tries - 1));
  };
  let low = from;
  if (!(await isBorne(low, 2))) {
    while (low > LOWEST && !(await isBorne(low))) low /= STEP;
    return low;
  }
  let high = Math.max(low * STEP, room);
  while (high < HIGHEST && (await isBorne(high, 2))) [low, high] = [high, Math.max(high * STEP, room)];
  while (high / low > PRECISION) {
    const middle = Math.sqrt(low * high);
    if (await isBorne(middle)) low = middle;
    else high = middle;
  }
  return low;
};
