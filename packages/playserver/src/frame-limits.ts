import { MusterError } from "@muster/core";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";

/** So many frames of one connection in so many seconds. */
export interface FrameLimit {
  readonly frames: number;
  readonly inS: number;
}

/** 20 a second, with bursts: what people and their clients do. */
export const FOR_PLAYERS: FrameLimit = { frames: 100, inS: 5 };
/** A realm asks for each of its players as they come and go. */
export const FOR_REALMS: FrameLimit = { frames: 50_000, inS: 5 };

/** Whoever sends so many times as much is cut off. */
const CUT_OFF_FACTOR = 5;

/** `drop`: it was refused before, and saying so again would help the flood. */
export type FrameVerdict = "take" | "refuse" | "drop" | "cutOff";

/** Judges the frames of connections, each by a name of its own. Verdicts on one connection come in the order of its frames. */
export type JudgeFrame = (connection: string) => Promise<FrameVerdict>;

export const createFrameJudge = ({ frames, inS }: FrameLimit): JudgeFrame => {
  const limiter = new RateLimiterMemory({ keyPrefix: "frames", points: frames, duration: inS });
  return async (connection) => {
    const over = await consume(limiter, connection);
    if (!over) return "take";
    if (over.consumedPoints > CUT_OFF_FACTOR * frames) return "cutOff";
    return over.consumedPoints === frames + 1 ? "refuse" : "drop";
  };
};

export const tooManyFrames = ({ frames, inS }: FrameLimit): MusterError =>
  new MusterError("TOO_MANY_REQUESTS", `${frames} frames in ${inS} s are the most. What comes above that is dropped.`, {
    retryAfterS: inS,
  });

/** @returns how much too much it is; undefined when it isn't */
export const consume = async (limiter: RateLimiterMemory, key: string): Promise<RateLimiterRes | undefined> => {
  try {
    await limiter.consume(key);
    return undefined;
  } catch (error) {
    // The library refuses by rejecting with what is left.
    if (error instanceof RateLimiterRes) return error;
    throw error;
  }
};
