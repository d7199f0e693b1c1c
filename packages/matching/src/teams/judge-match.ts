import type { Queue } from "@muster/core";
import type { Comparable } from "../compatible.ts";
import { matchQuality } from "../quality.ts";
import type { TeamSplit } from "../split/split-teams.ts";
import type { Member } from "../split/team-side.ts";
import { waitedShare } from "./team-search.ts";

/** The quality of a match of these tickets in these teams, from 0 to 1: see `matchQuality`. */
export const judgeMatch = (
  queue: Queue,
  members: readonly (Comparable & Pick<Member, "ticket">)[],
  split: Pick<TeamSplit, "strengthGap" | "premade" | "roleFault">,
  now: number,
): number => {
  let [lowest, highest, pingMinMs, pingMaxMs, oldest] = [Infinity, -Infinity, Infinity, -Infinity, Infinity];
  for (const member of members) {
    lowest = Math.min(lowest, member.elo);
    highest = Math.max(highest, member.elo);
    pingMinMs = Math.min(pingMinMs, member.pingMinMs);
    pingMaxMs = Math.max(pingMaxMs, member.pingMaxMs);
    oldest = Math.min(oldest, member.ticket.createdAt);
  }
  return matchQuality({
    strengthGap: split.strengthGap,
    premade: split.premade,
    roleFault: split.roleFault,
    eloSpread: highest - lowest,
    pingSpreadMs: Math.max(0, pingMaxMs - pingMinMs),
    waitedShare: waitedShare(queue, oldest, now),
  });
};
