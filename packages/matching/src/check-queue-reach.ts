import { type Queue, widensByTime } from "@muster/core";

/** When something begins or ends, as the definition writes it. */
interface Moment {
  readonly fromTry?: number;
  readonly untilTry?: number;
  readonly afterMs?: number;
  readonly untilMs?: number;
}

/** The last search of a ticket that began with 0 tries. One that brings tries along from an earlier ticket gets further. */
const lastTry = ({ expireAfterMs, retryEveryMs }: Queue): number => Math.ceil(expireAfterMs / retryEveryMs) - 1;

/**
 * A warning if a ticket expires before something of its queue begins or ends.
 *
 * @param path of what has the moment in it
 * @param at the moment on the scale of effective tries; Infinity: never
 */
export const neverReached = (queue: Queue, path: string, moment: Moment, at: number): string[] => {
  if (at === Infinity) return [];
  if (widensByTime(queue)) {
    const name = moment.untilMs === undefined ? "afterMs" : "untilMs";
    const ms = moment[name] ?? 0;
    return ms < queue.expireAfterMs
      ? []
      : [`${path}/${name}: ${ms} ms are never reached, for a ticket expires after ${queue.expireAfterMs} ms`];
  }
  const name = moment.untilTry === undefined ? "fromTry" : "untilTry";
  return at <= lastTry(queue)
    ? []
    : [`${path}/${name}: try ${at} is never reached, for a new ticket expires after try ${lastTry(queue)}`];
};
