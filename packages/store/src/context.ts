import type { Clock } from "@muster/core";
import type { Redis } from "ioredis";
import type { Keys } from "./keys.ts";

/** How long Redis keeps what is over, and how much it keeps of what happened. */
export interface Retention {
  /** A ticket or a match after its end, ms: so long can its outcome be learnt. */
  endedMs: number;
  /** An idle player (its version, tries and last ticket), ms. */
  idleMs: number;
  /** Entries of the event stream, and events of those that calls tell of together. */
  events: number;
}

/** The shortest that `endedMs` may be, so that whoever misses a record of what ended later than that may call it lost. */
export const LEAST_ENDED_MS = 600_000;

export const DEFAULT_RETENTION: Retention = { endedMs: 3_600_000, idleMs: 86_400_000, events: 200_000 };

/** What every store operation works with. */
export interface StoreContext {
  redis: Redis;
  keys: Keys;
  /** Tells the time of Redis' clock, so that services with clocks of their own agree. */
  clock: Clock;
  retention: Retention;
}
