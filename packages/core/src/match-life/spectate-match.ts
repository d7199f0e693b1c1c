import { MusterError } from "../errors.ts";
import type { Match } from "../match.ts";
import { type MatchChange, playerOf, refuseEnded, refuseForming, withSpectators } from "./change.ts";

/** So many may watch a match through Muster: its record names them all. */
export const MAX_SPECTATORS = 100;

/**
 * An idle player watches a match until it leaves or the match ends.
 *
 * @throws MusterError MATCH_ENDED; WRONG_STATE while it is forming, for its own players, and when as many watch as may
 */
export const spectateMatch = (match: Match, id: string): MatchChange | undefined => {
  refuseEnded(match);
  refuseForming(match, "It can be watched when all have accepted.");
  const { spectators = [] } = match;
  if (spectators.includes(id)) return undefined;
  if (playerOf(match, id)) {
    throw new MusterError("WRONG_STATE", `${id} plays in match "${match.id}": only others can watch it.`);
  }
  if (spectators.length >= MAX_SPECTATORS) {
    throw new MusterError("WRONG_STATE", `Match "${match.id}" has ${MAX_SPECTATORS} spectators, as many as it may.`);
  }
  return {
    match: withSpectators(match, [...spectators, id]),
    events: [{ type: "spectated", player: id }],
    spectator: id,
  };
};
