import type { DissolveReason, Match, MatchPlayer } from "../match.ts";
import type { TicketEndReason } from "../ticket.ts";
import { type DroppedTicket, type MatchChange, playersOf, withState } from "./change.ts";

/**
 * The end of a match that has not begun. A ticket goes back to its place in the queue when all its players are still in
 * the match and none of them is at fault; the others end.
 *
 * @param faultOf why a player's ticket ends; undefined when the player is not at fault
 */
export const dissolve = (
  match: Match,
  reason: DissolveReason,
  now: number,
  faultOf: (player: MatchPlayer) => TicketEndReason | undefined,
): MatchChange & { dropped: readonly DroppedTicket[] } => {
  const faults = new Map<string, TicketEndReason | undefined>();
  for (const player of playersOf(match)) {
    // The worst of a party's faults is told: that somebody declined, rather than that another was silent.
    if (faults.get(player.ticket) !== "declined") {
      faults.set(player.ticket, faultOf(player) ?? faults.get(player.ticket));
    }
  }
  for (const player of match.left ?? []) {
    if (faults.has(player.ticket)) faults.set(player.ticket, player.reason === "noShow" ? "noShow" : "left");
  }
  const { spectators: _, ...rest } = match;
  return {
    match: withState({ ...rest, endedAt: now, dissolved: reason }),
    requeued: [...faults].flatMap(([id, fault]) => (fault ? [] : [id])),
    dropped: [...faults].flatMap(([id, fault]) => (fault ? [{ id, reason: fault }] : [])),
    events: [{ type: "dissolved" }],
  };
};
