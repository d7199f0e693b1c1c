import { MusterError } from "../errors.ts";
import type { Match } from "../match.ts";
import type { Queue } from "../queue-definition.ts";
import { formedIfReady } from "./begin-match.ts";
import { isoOf, type MatchChange, notInMatch, playerOf, refuseEnded, withPlayer } from "./change.ts";

/**
 * A player accepts a match in its ready check; with the last one the match is formed, unless
 * another who accepted is away.
 *
 * @throws MusterError MATCH_ENDED, NOT_IN_MATCH; WRONG_STATE when nobody is asked, or the time for it is over
 */
export const acceptMatch = (queue: Queue, match: Match, id: string, now: number): MatchChange | undefined => {
  const player = playerOf(match, id);
  // Also in a match that is over by now: the answer to the first call may have been lost.
  if (player?.accepted && (!player.away || match.state === "ended")) return undefined;
  refuseEnded(match);
  if (!player) throw notInMatch(match, id);
  refuseUnasked(match, now);
  // Whoever accepts is there.
  const { away: _, ...there } = player;
  const accepted = withPlayer(match, { ...there, accepted: true });
  return formedIfReady(queue, accepted, [{ type: "accepted", player: id }], now);
};

/** @throws MusterError WRONG_STATE unless the players are being asked right now */
export const refuseUnasked = ({ id, readyBy }: Match, now: number): void => {
  if (readyBy === undefined) {
    throw new MusterError("WRONG_STATE", `Nobody is asked any more whether to play match "${id}".`);
  }
  if (readyBy > now) return;
  throw new MusterError("WRONG_STATE", `The time to accept match "${id}" was over at ${isoOf(readyBy)}.`);
};
