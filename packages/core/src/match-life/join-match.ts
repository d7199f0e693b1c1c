import type { Match } from "../match.ts";
import type { Queue } from "../queue-definition.ts";
import { begun, isComplete } from "./begin-match.ts";
import { type MatchChange, notInMatch, playerOf, refuseEnded, refuseForming, withPlayer } from "./change.ts";

/**
 * A matched player arrives at its match. With the last one the match begins, unless it has a time to begin at.
 *
 * @throws MusterError MATCH_ENDED, NOT_IN_MATCH; WRONG_STATE while it is forming, and for who has left
 */
export const joinMatch = (queue: Queue, match: Match, id: string, now: number): MatchChange | undefined => {
  refuseEnded(match);
  const player = playerOf(match, id);
  if (!player) throw notInMatch(match, id);
  refuseForming(match, "It can be joined when all have accepted.");
  if (player.presence) return undefined;
  const { joinBy: _, away: __, ...arrived } = player;
  const joined = withPlayer(match, { ...arrived, presence: "ATTENDED" });
  const events = [{ type: "attended", player: id } as const];
  if (!isComplete(queue, joined)) return { match: joined, events };
  return { match: begun(queue, joined, now), events: [...events, { type: "started" }] };
};
