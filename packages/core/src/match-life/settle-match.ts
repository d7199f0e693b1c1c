import type { Match } from "../match.ts";
import type { Queue } from "../queue-definition.ts";
import { begun, hasEnoughThere } from "./begin-match.ts";
import { dueAt, type MatchChange, playersOf, startOf } from "./change.ts";
import { dissolve } from "./dissolve-match.ts";
import { endMatch } from "./end-match.ts";
import { removePlayers } from "./leave-match.ts";

/**
 * What has come due of a match: the end of its ready check, no-shows, its beginning or, with too few players for it, its
 * end, and its end by time. One thing at a time: whoever settles it asks again until nothing is due.
 */
export const settleMatch = (queue: Queue, match: Match, now: number): MatchChange | undefined => {
  if (dueAt(match) > now) return undefined;
  if (match.readyBy !== undefined) return overslept(match, now);
  const late = playersOf(match).filter(({ joinBy = Infinity }) => joinBy <= now);
  if (late.length > 0) return removePlayers(queue, match, new Set(late.map(({ id }) => id)), "noShow", now);
  if (startOf(match) > now) return endMatch(match, {}, now);
  if (hasEnoughThere(queue, match)) return { match: begun(queue, match, now), events: [{ type: "started" }] };
  return dissolve(match, "tooFew", now, () => undefined);
};

/** Somebody didn't answer; or all accepted, but one of them is away, who then waits again as one who is. */
const overslept = (match: Match, now: number): MatchChange => ({
  ...dissolve(
    match,
    playersOf(match).every(({ accepted }) => accepted) ? "disconnected" : "silent",
    now,
    ({ accepted }) => (accepted ? undefined : "silent"),
  ),
  coolDowns: playersOf(match)
    .filter(({ accepted }) => !accepted)
    .map(({ id }) => ({ player: id, cause: "declined" })),
});
