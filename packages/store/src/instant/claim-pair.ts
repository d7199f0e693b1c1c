import { createMatch, INSTANT_DEFAULTS, INSTANT_ELO, type InstantQueue, type Match } from "@muster/core";
import type { StoreContext } from "../context.ts";
import { eloBucket } from "../keys.ts";
import { formatMade } from "../matches/match-record.ts";
import { loadScript, runScript } from "../redis/run-script.ts";
import { RECENT_MS, RECENT_WAITS } from "../tickets/queue-stats.ts";

const script = loadScript(new URL("./claim-pair.lua", import.meta.url));

/** One side of a claim, as the wait list knows it. */
export interface Claimant {
  readonly user: string;
  readonly ticket: string;
  /** The alias under which it must still wait. */
  readonly alias: string;
}

export type ClaimOutcome =
  | { outcome: "session"; match: Match }
  /** Nothing was changed: this one doesn't wait (any more) under its alias, or is away. */
  | { outcome: "gone"; who: "claimer" | "claimed" };

export interface NewSession {
  readonly id: string;
  readonly room: string;
  readonly secret: string;
}

/**
 * Makes a session of two users who wait for instant matches. Whoever claims one of them first has it; whether both still
 * wait is looked at in the same step that takes them away. So it needs no mover and no fence: those guard commits that
 * look first and write later.
 */
export const claimPair = async (
  { redis, keys, clock, retention }: StoreContext,
  queue: InstantQueue,
  claimer: Claimant,
  claimed: Claimant,
  { id, room, secret }: NewSession,
): Promise<ClaimOutcome> => {
  // Whoever sends clients' claims here has refused it in their words.
  if (claimer.user === claimed.user) throw new Error(`user ${claimer.user} and themselves can't be a pair`);
  const { avoidLast = INSTANT_DEFAULTS.avoidLast, avoidForMs = INSTANT_DEFAULTS.avoidForMs } = queue.instant;
  const now = clock.now();
  const sides = [claimer, claimed];
  const teams = sides.map(({ user, ticket }, index) => ({
    name: String(index + 1),
    players: [{ id: user, elo: INSTANT_ELO, ticket }],
  }));
  const begun = createMatch(queue, { id, teams, eloGap: 0, quality: 1 }, now);
  const match = { ...begun, instant: { room, secret } };
  const scriptKeys = [
    ...[keys.due(queue.name), keys.eloBucket(queue.name, eloBucket(INSTANT_ELO)), keys.waits(queue.name)],
    ...[keys.match(id), keys.matchDue, keys.events],
    ...sides.flatMap(({ user, ticket }) => [keys.ticket(ticket), keys.playerState(user), keys.partners(user)]),
  ];
  const reply = await runScript(redis, script, scriptKeys, [
    ...[now, queue.name, id, match.endsAt, formatMade(match)],
    // As long as the commit keeps those of any other match.
    ...[Math.max(0, match.endsAt - now) + retention.endedMs, retention.events, RECENT_WAITS, RECENT_MS],
    ...[avoidLast, avoidForMs],
    ...sides.flatMap(({ user, ticket, alias }) => [ticket, alias, user]),
  ]);
  const [word, who] = reply as [string, number?];
  if (word === "session") return { outcome: "session", match };
  return { outcome: "gone", who: who === 1 ? "claimer" : "claimed" };
};
