import type { Match } from "../match.ts";
import type { Queue } from "../queue-definition.ts";
import { begun, waitForPlayers } from "./begin-match.ts";
import { withState } from "./change.ts";

/** A match as it was found. */
export type NewMatch = Pick<Match, "id" | "teams" | "eloGap" | "quality" | "region">;

/** A new match's beginning: its players are asked, or waited for, or it begins at once, as its queue says. */
export const createMatch = (queue: Queue, { id, teams, eloGap, quality, region }: NewMatch, now: number): Match => {
  const match = withState({
    ...{ id, queue: queue.name, version: 1, createdAt: now, endsAt: now + queue.matchLengthMs, eloGap, quality, teams },
    ...(region !== undefined && { region }),
    ...(queue.readyCheck && { readyBy: now + queue.readyCheck.withinMs }),
  });
  if (queue.readyCheck) return match;
  return queue.session ? waitForPlayers(queue.session, match, now) : begun(queue, match, now);
};
