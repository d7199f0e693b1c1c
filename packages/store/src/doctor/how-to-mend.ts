import type { FaultKind } from "./fault.ts";

const BY_REPAIR = "muster doctor --repair";
const WITH_QUEUES = `${BY_REPAIR} --queues <file>, with the file that defines its queue; or cancel it: DELETE /v1/tickets/{id}`;
const BY_SWEEPER = "see that a sweeper runs, and that its queues file still has this queue";

/** What a person can do about a fault that is still there. */
export const HOW_TO_MEND: Readonly<Record<FaultKind, string>> = {
  "stale-entry": BY_REPAIR,
  "unlisted-ticket": WITH_QUEUES,
  "wrong-ticket": WITH_QUEUES,
  "ticket-without-player": BY_REPAIR,
  "ticket-without-match": BY_REPAIR,
  "lost-player": BY_REPAIR,
  "wrong-version": BY_REPAIR,
  "unlisted-match": `${BY_REPAIR}, or end it: POST /v1/matches/{id}/end`,
  "unlisted-open-match": "change its open places: POST or DELETE /v1/matches/{id}/backfill",
  "wrong-open-match": "change its open places: POST or DELETE /v1/matches/{id}/backfill",
  "match-without-player": "end it: POST /v1/matches/{id}/end",
  "match-without-spectator": "have each of them leave it: POST /v1/matches/{id}/leave",
  "player-in-two": `${BY_REPAIR}, where a ticket waits here; else have it leave the match that it isn't in: POST /v1/matches/{id}/leave`,
  "wrong-claim": `${BY_REPAIR}; a claim that can't be read: delete its key once the player is idle`,
  "overdue-ticket": BY_SWEEPER,
  "overdue-match": BY_SWEEPER,
  unreadable: "look at it in Redis, and delete its key if it is nobody's",
};
