import type { StreamEvent } from "@muster/core";
import type { History, PartitionEvent, Seen } from "./history.ts";

/** When a fault happened, ms by the machine's clock, which Redis and the clients share. */
export interface Mark {
  readonly fault: string;
  /** It began. */
  readonly at: number;
  /** What broke was mended, or left to the system to mend. */
  readonly backAt: number;
  /** The next one may begin. */
  readonly overAt: number;
  /** Partitions whose leader it took away. */
  readonly led?: readonly string[];
}

/** How long until it was as before; `tookMs` is undefined when it never was. */
export interface Recovery {
  readonly what: RecoveryKind;
  readonly fault: string;
  readonly tookMs: number | undefined;
}

/** What the system promises to recover from, and within how long, ms. */
export const RECOVERY_LIMITS_MS = {
  /** From when the leading mover was killed until a match was committed under another lease. */
  "mover fail-over": 3_000,
  /** From when Redis is back until no notification is late any more. */
  "playserver resync": 2_000,
  /** The longest time without a match from when a matchmaker was killed. */
  "matchmaker loss": 3_000,
} as const;
export type RecoveryKind = keyof typeof RECOVERY_LIMITS_MS;

/** A notification that took longer had to wait for something. */
const LATE_MS = 500;

const MOVER_FAULTS = ["kill a leading mover", "kill all leading movers"];
const REDIS_FAULTS = ["kill Redis", "restart Redis", "pause Redis", "keep Redis away", "kill Redis between two fsyncs"];
const MATCHMAKER_FAULTS = ["kill matchmaker"];

/**
 * Reads from times in the history alone how long the system needed after each fault that it has a promise about. Of
 * several partitions the slowest counts.
 */
export const measureRecovery = (
  { events, seen }: Pick<History, "events" | "seen">,
  marks: readonly Mark[],
): Recovery[] => {
  const streams = Map.groupBy(events, ({ partition }) => partition);
  const from = Math.max(...[...streams.values()].map((entries) => timeOf(entries[0]) ?? 0));
  return marks.flatMap((mark): Recovery[] => {
    const { fault, led = [] } = mark;
    if (REDIS_FAULTS.includes(fault)) return [{ what: "playserver resync", fault, tookMs: untilResync(seen, mark) }];
    // What was before the oldest event that the streams still have can't be told.
    if (streams.size === 0 || mark.at < from) return [];
    if (MOVER_FAULTS.includes(fault)) {
      return led.map((partition) => {
        const tookMs = untilOtherFence(streams.get(partition) ?? [], mark);
        return { what: "mover fail-over", fault, tookMs };
      });
    }
    if (MATCHMAKER_FAULTS.includes(fault)) {
      return [...streams.values()].map((entries) => {
        return { what: "matchmaker loss", fault, tookMs: longestPause(entries, mark) };
      });
    }
    return [];
  });
};

/** The part of its id before the dash: Redis' time when it was written. */
const timeOf = (entry: StreamEvent | undefined): number | undefined => entry && Number(entry.id.split("-")[0]);

const timesOf = (events: readonly StreamEvent[], type: StreamEvent["event"]["type"], after: number): number[] =>
  events.flatMap((entry) => {
    const time = timeOf(entry) ?? 0;
    return entry.event.type === type && time > after ? [time] : [];
  });

const untilOtherFence = (events: readonly PartitionEvent[], { at }: Mark): number | undefined => {
  const [led] = timesOf(events, "led", at);
  const [matched] = led === undefined ? [] : timesOf(events, "matched", led - 1);
  return matched === undefined ? undefined : matched - at;
};

const longestPause = (events: readonly PartitionEvent[], { at, overAt }: Mark): number | undefined => {
  const times = timesOf(events, "matched", at);
  if (times.length === 0) return undefined;
  const within = [at, ...times.filter((time) => time <= overAt)];
  // The first one after the window ends the pause that reaches beyond it.
  const beyond = times.find((time) => time > overAt) ?? overAt;
  return Math.max(...[...within.slice(1), beyond].map((time, index) => time - (within[index] ?? at)));
};

/**
 * A state's version is Redis' time of its change, or just past the version before: so it tells how late its notification
 * was. Resync is over with the last notification of this time that was late: whoever had not been subscribed again gets
 * late what was changed meanwhile.
 */
const untilResync = (seen: readonly Seen[], { at, backAt, overAt }: Mark): number | undefined => {
  const told = seen.filter(({ isHello }) => !isHello);
  const those = told.filter(({ at: when, version }) => when > backAt && version >= at && version <= overAt);
  // Nothing had changed by then: the first change after it tells.
  if (those.length === 0) {
    const next = told.find(({ at: when, version }) => when > backAt && version >= at);
    return next && next.at - backAt;
  }
  const late = those.filter(({ at: when, version }) => when - version > LATE_MS);
  return Math.max(0, ...late.map(({ at: when }) => when - backAt));
};
