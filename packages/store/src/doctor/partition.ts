import type { TicketRequest } from "@muster/core";
import type { Claim } from "../claims/claim.ts";
import type { IndexKey } from "../keys.ts";
import type { MatchRecord } from "../matches/match-record.ts";
import { versionIn } from "../tickets/pack-ticket.ts";
import type { Busy } from "./open-elsewhere.ts";

/** What a bucket says of a ticket that is to be held against its record; "" when it can't be read. */
export const seenInBucket = (packed: string): string => {
  const [tries = ""] = /^\d+(?= )/.exec(packed) ?? [];
  const version = versionIn(packed);
  return tries !== "" && version > 0 ? `${tries} ${version}` : "";
};

/** What a partition, or the part of it around one fault, held when it was read. */
export interface Partition {
  /** Text of the state by player. */
  players: Map<string, string>;
  tickets: Map<string, TicketRecord>;
  matches: Map<string, MatchRecord>;
  /** Ids of other matches that are there, where nothing else of them counts. */
  otherMatches: Set<string>;
  entries: IndexEntry[];
  /** By player that is not idle; none where there is one partition only. */
  claims: Map<string, ClaimSeen>;
  /** Keys whose type or content nobody could have written. */
  unreadable: { about: "ticket" | "match"; id: string }[];
}

/** Where a player may be, and where else than here it is busy although its claim doesn't say that it may be here. */
export interface ClaimSeen {
  /** Undefined: it can't be read. */
  claim: Claim | undefined;
  busyIn: readonly Busy[];
}

export interface TicketRecord {
  queue: string;
  status: string;
  version: number;
  tries: number;
  createdAt: number;
  expiresAt: number;
  endedAt: number;
  match: string;
  /** Players who are away, as the record names them; "" for none. */
  away: string;
  request: TicketRequest;
}

/** That an index names a ticket or a match. */
export interface IndexEntry {
  key: string;
  index: IndexKey;
  /** Id of the ticket or match. */
  member: string;
  /** Of an open match: as it is packed. Of a ticket in its bucket: `tries version` of it. Absent in sorted sets. */
  value?: string;
}

export const emptyPartition = (): Partition => ({
  players: new Map(),
  tickets: new Map(),
  matches: new Map(),
  otherMatches: new Set(),
  entries: [],
  claims: new Map(),
  unreadable: [],
});
