import { MusterError } from "../errors.ts";
import type { Match } from "../match.ts";
import type { Queue } from "../queue-definition.ts";
import { begun, waitForPlayers } from "./begin-match.ts";
import {
  isoOf,
  type MatchChange,
  notInMatch,
  playerOf,
  playersOf,
  refuseEnded,
  withPlayer,
  withState,
} from "./change.ts";

/**
 * A player accepts a match in its ready check; with the last one the match is formed.
 *
 * @throws MusterError MATCH_ENDED, NOT_IN_MATCH; WRONG_STATE when nobody is asked, or the time for it is over
 */
export const acceptMatch = (queue: Queue, match: Match, id: string, now: number): MatchChange | undefined => {
  refuseEnded(match);
  const player = playerOf(match, id);
  if (!player) throw notInMatch(match, id);
  if (player.accepted) return undefined;
  refuseUnasked(match, now);
  const accepted = withPlayer(match, { ...player, accepted: true });
  const events = [{ type: "accepted", player: id } as const];
  if (!playersOf(accepted).every((each) => each.accepted)) return { match: accepted, events };
  const { readyBy: _, ...formed } = accepted;
  if (queue.session) return { match: waitForPlayers(queue.session, withState(formed), now), events };
  return { match: begun(queue, withState(formed), now), events: [...events, { type: "started" }] };
};

/** @throws MusterError WRONG_STATE unless the players are being asked right now */
export const refuseUnasked = ({ id, readyBy }: Match, now: number): void => {
  if (readyBy === undefined) {
    throw new MusterError("WRONG_STATE", `Nobody is asked any more whether to play match "${id}".`);
  }
  if (readyBy > now) return;
  throw new MusterError("WRONG_STATE", `The time to accept match "${id}" was over at ${isoOf(readyBy)}.`);
};
