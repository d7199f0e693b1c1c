import { MusterError } from "@muster/core";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";

/** Frames of one connection: 20 a second, with bursts. */
const FRAMES = { points: 100, duration: 5 };
/** Whoever sends so many times as much is cut off. */
const CUT_OFF_FACTOR = 5;
/** Requests of one user at this playserver, whichever its connections: each is told to hundreds of others. */
const REQUESTS = { points: 30, duration: 60 };

/** `drop`: it was refused before, and saying so again would help the flood. */
export type FrameVerdict = "take" | "refuse" | "drop" | "cutOff";

export interface RateLimits {
  /** @param connection a name of its own */
  frame(connection: string): Promise<FrameVerdict>;
  /** @throws MusterError TOO_MANY_REQUESTS */
  request(user: string): Promise<void>;
}

export const createRateLimits = (): RateLimits => {
  const frames = new RateLimiterMemory({ keyPrefix: "frames", ...FRAMES });
  const requests = new RateLimiterMemory({ keyPrefix: "requests", ...REQUESTS });
  return {
    frame: async (connection) => {
      const over = await consume(frames, connection);
      if (!over) return "take";
      if (over.consumedPoints > CUT_OFF_FACTOR * FRAMES.points) return "cutOff";
      return over.consumedPoints === FRAMES.points + 1 ? "refuse" : "drop";
    },
    request: async (user) => {
      const over = await consume(requests, user);
      if (!over) return;
      const retryAfterS = Math.max(1, Math.ceil(over.msBeforeNext / 1_000));
      throw new MusterError(
        "TOO_MANY_REQUESTS",
        `${REQUESTS.points} requests in ${REQUESTS.duration} s are the most. Send the next in ${retryAfterS} s.`,
        { retryAfterS },
      );
    },
  };
};

export const tooManyFrames = (): MusterError =>
  new MusterError(
    "TOO_MANY_REQUESTS",
    `${FRAMES.points} frames in ${FRAMES.duration} s are the most. What comes above that is dropped.`,
    { retryAfterS: FRAMES.duration },
  );

/** @returns how much too much it is; undefined when it isn't */
const consume = async (limiter: RateLimiterMemory, key: string): Promise<RateLimiterRes | undefined> => {
  try {
    await limiter.consume(key);
    return undefined;
  } catch (error) {
    // The library refuses by rejecting with what is left.
    if (error instanceof RateLimiterRes) return error;
    throw error;
  }
};
