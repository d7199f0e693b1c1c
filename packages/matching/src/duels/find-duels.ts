import type { Ids, Queue } from "@muster/core";
import type { Found } from "../find-matches.ts";
import { Roster } from "../roster.ts";
import { Columns } from "./columns.ts";
import { findPairs, Pairing } from "./find-pairs.ts";
import { type Kinds, kindsOf } from "./kinds.ts";
import { proposeDuels } from "./propose-duels.ts";

/**
 * What a search among nobody works with, kept for the sake of all others. When a full collection of garbage finds no object
 * of a class, V8 forgets what it knew of such objects, and with it the code that it compiled for them; and between two
 * searches there would be none. A pass over 100,000 tickets took a third longer for it: most of it in slow code, while
 * the same functions were compiled again.
 */
const NOBODY = new Roster({ tickets: [], served: new Uint8Array(0) });
const NO_KINDS: Kinds = { criteria: [], ofTicket: new Uint16Array(0), tries: new Float64Array(0) };
const NO_PAIRING = new Pairing(new Columns(NOBODY, NO_KINDS));

/**
 * New matches of a 1 against 1 queue, that of the oldest ticket first (see `findPairs`).
 *
 * @param roster solo tickets, oldest first
 * @param now in ms since the epoch
 */
export const findDuels = (queue: Queue, roster: Roster, now: number, ids: Pick<Ids, "match">): Found => {
  const isEmpty = roster.tickets.length === 0;
  const kinds = isEmpty ? NO_KINDS : kindsOf(queue, roster, now);
  const pairing = isEmpty ? NO_PAIRING : new Pairing(new Columns(roster, kinds));
  findPairs(pairing, kinds.tries);
  return proposeDuels(queue, isEmpty ? NOBODY : roster, pairing, now, ids);
};
