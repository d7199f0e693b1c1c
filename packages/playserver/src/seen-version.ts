import type { Clock } from "@muster/core";
import { invalidFrame } from "./frame-text.ts";

/**
 * By how much a version may be later than the time. Who has a right one must not be refused where a replica whose clock is
 * behind took over; but versions must not be driven to where numbers end.
 */
const AHEAD_MS = 86_400_000;

/** Whether a version may have been told by now: a player is given a newer one than a client names, so not just any goes. */
export const mayBeSeen = (version: number, clock: Clock): boolean => version <= clock.now() + AHEAD_MS;

/**
 * What a realm was told of each player before.
 *
 * @throws MusterError INVALID when there are not as many versions as players, or one is of a time to come
 */
export const seenVersions = (
  players: readonly string[],
  versions: readonly number[] | undefined,
  clock: Clock,
): ReadonlyMap<string, number> => {
  if (!versions) return new Map();
  if (versions.length !== players.length) {
    throw invalidFrame("versions", `must be as many as players, ${players.length}, and not ${versions.length}`);
  }
  const wrong = versions.findIndex((version) => !mayBeSeen(version, clock));
  if (wrong !== -1) throw invalidFrame(`versions.${wrong}`, RULE);
  return new Map(players.map((player, n) => [player, versions[n] ?? 0]));
};

/** @throws MusterError INVALID for what is no version, or one of a time to come */
export const readSeenVersion = (text: string | undefined, clock: Clock): number => {
  if (text === undefined) return 0;
  if (/^\d{1,16}$/.test(text) && mayBeSeen(Number(text), clock)) return Number(text);
  throw invalidFrame("version", RULE);
};

const RULE = "must be a version that was told of the player";
