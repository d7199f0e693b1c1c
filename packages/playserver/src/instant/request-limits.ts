import { MusterError } from "@muster/core";
import { RateLimiterMemory } from "rate-limiter-flexible";
import { consume } from "../frame-limits.ts";

/** Requests of one user at this playserver, whichever its connections: each is told to hundreds of others. */
const REQUESTS = { points: 30, duration: 60 };

/** @throws MusterError TOO_MANY_REQUESTS when the user has made as many as it may */
export type CountRequest = (user: string) => Promise<void>;

export const createRequestLimit = (): CountRequest => {
  const requests = new RateLimiterMemory({ keyPrefix: "requests", ...REQUESTS });
  return async (user) => {
    const over = await consume(requests, user);
    if (!over) return;
    const retryAfterS = Math.max(1, Math.ceil(over.msBeforeNext / 1_000));
    throw new MusterError(
      "TOO_MANY_REQUESTS",
      `${REQUESTS.points} requests in ${REQUESTS.duration} s are the most. Send the next in ${retryAfterS} s.`,
      { retryAfterS },
    );
  };
};
