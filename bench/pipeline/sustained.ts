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

export interface Tried {
  isBorne: boolean;
  /** What the machine would bear at the cost of this run, players per second; undefined: not known. */
  mightBear?: number | undefined;
}

/**
 * The highest rate that is borne, to about 10 %: up in steps from `from` until one isn't, then between the last two. A step
 * is longer where what the last rate cost leaves room for it: each player costs less when more come.
 *
 * @param offer offers a rate; a first failure is tried once more, since others may use the machine for a moment
 */
export const findSustained = async (offer: (rate: number) => Promise<Tried>, from: number): Promise<number> => {
  let room = 0;
  const isBorne = async (rate: number): Promise<boolean> => {
    const { isBorne: borne, mightBear = 0 } = await offer(rate);
    if (borne) room = mightBear * STEP_INTO_ROOM;
    return borne;
  };
  const twice = async (rate: number) => (await isBorne(rate)) || (await isBorne(rate));
  let low = from;
  if (!(await twice(low))) {
    while (low > LOWEST && !(await isBorne(low))) low /= STEP;
    return low;
  }
  let high = Math.max(low * STEP, room);
  while (high < HIGHEST && (await twice(high))) [low, high] = [high, Math.max(high * STEP, room)];
  while (high / low > PRECISION) {
    const middle = Math.sqrt(low * high);
    if (await isBorne(middle)) low = middle;
    else high = middle;
  }
  return low;
};
