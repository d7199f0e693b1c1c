/**
 * What breaks DESIGN's invariants 1 to 3 in a partition, or between several.
 *
 * `stale-entry`: an index names a ticket or match that is gone, over, or belongs elsewhere. `unlisted-ticket`: a queued
 * ticket is missing from an index of its queue. `wrong-ticket`: searches see it with another version or other tries.
 * `ticket-without-player`: a queued ticket has a player whose state doesn't name it. `ticket-without-match`: a ticket
 * was matched, but its match is not there, or doesn't hold it. `lost-player`: a player's state names a ticket or match
 * that is gone or over, or that the player is not in. `wrong-version`: it names another version of its ticket, so that no
 * match with it can be committed. `unlisted-match`: a match that runs would never end by itself. `unlisted-open-match`:
 * a match looks for players, but searches don't find it. `wrong-open-match`: searches see it with other players or
 * places. `match-without-player`, `match-without-spectator`: a match that runs has one whose state doesn't name it.
 * `player-in-two`: a player is busy here and in another partition. `wrong-claim`: it is busy here alone, but its claim names
 * another; or the claim has been `entering` for longer than that takes, or can't be read.
 * `overdue-ticket`, `overdue-match`: should have been settled by a sweeper. `unreadable`: nobody could have written this.
 */
export const FAULT_KINDS = [
  "stale-entry",
  "unlisted-ticket",
  "wrong-ticket",
  "ticket-without-player",
  "ticket-without-match",
  "lost-player",
  "wrong-version",
  "unlisted-match",
  "unlisted-open-match",
  "wrong-open-match",
  "match-without-player",
  "match-without-spectator",
  "player-in-two",
  "wrong-claim",
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
