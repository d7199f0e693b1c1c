import type { Random } from "@muster/core";

const FIRST_MS = 5_000;
const LONGEST_MS = 3_600_000;

/**
 * How long to wait after a failed try, ms: 5 s, 10 s, 20 s … up to an hour, of which chance takes up to half, so that
 * messages that failed together don't come back together ("equal jitter",
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 *
 * @param tries failed tries before this one
 */
export const backOffMs = (tries: number, random: Random): number => {
  const most = Math.min(FIRST_MS * 2 ** Math.min(tries, 30), LONGEST_MS);
  return Math.round(most / 2 + (most / 2) * random.next());
};
