/**
 * What breaks DESIGN's invariants 1 to 3 in a partition.
 *
 * `stale-entry`: an index names a ticket or match that is gone, over, or belongs elsewhere. `unlisted-ticket`: a queued
 * ticket is missing from an index of its queue. `ticket-without-player`: a queued ticket has a player whose state
 * doesn't name it. `ticket-without-match`: a ticket was matched, but its match is not there. `lost-player`: a player's
 * state names a ticket or match that is gone or over, or that the player is not in. `unlisted-match`: a match that runs
 * would never end by itself. `unlisted-open-match`: a match looks for players, but searches don't find it.
 * `wrong-open-match`: searches see it with other players or places. `match-without-player`: a match that runs has a
 * player whose state doesn't name it. `overdue-ticket`, `overdue-match`: should have ended by itself. `unreadable`:
 * nobody could have written this.
 */
export const FAULT_KINDS = [
  "stale-entry",
  "unlisted-ticket",
  "ticket-without-player",
  "ticket-without-match",
  "lost-player",
  "unlisted-match",
  "unlisted-open-match",
  "wrong-open-match",
  "match-without-player",
  "overdue-ticket",
  "overdue-match",
  "unreadable",
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Fault {
  kind: FaultKind;
  about: "player" | "ticket" | "match" | "index";
  /** Of the player, ticket or match; of what the index names. */
  id: string;
  /** What is wrong, for a person. */
  text: string;
  /** "" when it is of no queue that could be told. */
  queue: string;
  /** The index at fault. */
  key?: string;
  /** Versions of what it is about: while they stay the same, nobody has touched that. */
  seen: string;
}

/** The same for the same fault of the same versions. */
export const faultIdentity = ({ kind, about, id, key, seen }: Fault): string =>
  [kind, about, id, key ?? "", seen].join("\n");
