import type { PipelineRun } from "./pipeline.ts";

const MOST_WAIT_MS = 1_000;
const STEP = 1.3;
const [LOWEST, HIGHEST] = [400, 100_000];
/** The search for the limit ends when it is known this well. */
const PRECISION = 1.1;

/** The load was borne: nobody was refused, and 99 % of the players were told within a second. */
export const isSustained = ({ waitMs, refused }: Pick<PipelineRun, "waitMs" | "refused">): boolean =>
  refused === 0 && (waitMs.percentile(99) ?? Infinity) < MOST_WAIT_MS;

/**
 * The highest rate that is borne, to about 10 %: up in steps from `from` until one isn't, then between the last two.
 *
 * @param isBorne offers a rate; a first failure is tried once more, since others may use the machine for a moment
 */
export const findSustained = async (isBorne: (rate: number) => Promise<boolean>, from: number): Promise<number> => {
  const twice = async (rate: number) => (await isBorne(rate)) || (await isBorne(rate));
  let low = from;
  if (!(await twice(low))) {
    while (low > LOWEST && !(await isBorne(low))) low /= STEP;
    return low;
  }
  let high = low * STEP;
  while (high < HIGHEST && (await twice(high))) [low, high] = [high, high * STEP];
  while (high / low > PRECISION) {
    const middle = Math.sqrt(low * high);
    if (await isBorne(middle)) low = middle;
    else high = middle;
  }
  return low;
};
