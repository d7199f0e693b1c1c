import type { PlayerState } from "@muster/core";
import { formatClaim } from "../claims/claim.ts";
import type { FaultKind } from "./fault.ts";
import type { ClaimSeen } from "./partition.ts";

/** To enter takes milliseconds; whoever died on the way has left the rest to the next one who wants the player. */
const ENTERING_AFTER_MS = 60_000;

export interface ClaimDifference {
  kind: FaultKind;
  why: string;
  /** What it was found by, besides the player's version. */
  seen: string;
}

/** What a player's claim, or another partition, says otherwise than its state here; undefined: nothing. */
export const claimDifference = (
  { claim, busyIn }: ClaimSeen,
  player: PlayerState,
  { partition, now }: { partition: string; now: number },
): ClaimDifference | undefined => {
  const text = claim ? formatClaim(claim) : "unreadable";
  const named = claim ? `names ${claim.partition}` : "can't be read";
  const [other] = busyIn;
  if (other) {
    const why = `${other.state.state} in ${other.partition} too; its claim ${named}`;
    return { kind: "player-in-two", why, seen: `${text} ${other.partition} ${other.state.version}` };
  }
  const wrong = (why: string): ClaimDifference => ({ kind: "wrong-claim", why, seen: text });
  if (!claim) return wrong("its claim can't be read");
  if (player.state !== "idle" && claim.partition !== partition) return wrong(`its claim ${named}`);
  const enteringMs = now - claim.epoch;
  if (claim.entered || enteringMs < ENTERING_AFTER_MS) return undefined;
  return wrong(`its claim has been entering ${claim.partition} for ${Math.round(enteringMs / 1_000)} s`);
};
