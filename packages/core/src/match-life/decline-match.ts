import type { Match } from "../match.ts";
import type { Queue } from "../queue-definition.ts";
import { refuseUnasked } from "./accept-match.ts";
import { type MatchChange, notInMatch, playerOf, refuseEnded, withPlayer } from "./change.ts";
import { dissolve } from "./dissolve-match.ts";

/**
 * A player declines a match in its ready check, also after having accepted it: the match dissolves.
 *
 * @throws MusterError MATCH_ENDED, NOT_IN_MATCH; WRONG_STATE when nobody is asked, or the time for it is over
 */
export const declineMatch = (queue: Queue, match: Match, id: string, now: number): MatchChange | undefined => {
  const decliner = playerOf(match, id);
  // The answer to the first call may have been lost.
  if (decliner?.declined) return undefined;
  refuseEnded(match);
  if (!decliner) throw notInMatch(match, id);
  refuseUnasked(match, now);
  const undecided = queue.readyCheck?.requeueUndecided ?? false;
  const declined = withPlayer(match, { ...decliner, declined: true });
  const { dropped, ...change } = dissolve(declined, "declined", now, (player) => {
    if (player.id === id) return "declined";
    return player.accepted || undecided ? undefined : "silent";
  });
  return {
    ...change,
    dropped,
    events: [{ type: "declined", player: id }, ...change.events],
    coolDowns: [{ player: id, cause: "declined" }],
  };
};
