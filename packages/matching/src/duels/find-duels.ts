import type { Ids, Queue, WaitingTicket } from "@muster/core";
import type { Found } from "../find-matches.ts";
import type { Waiting } from "../gather.ts";
import { Columns } from "./columns.ts";
import { DuelLadder, NONE } from "./duel-ladder.ts";
import { findPairs } from "./find-pairs.ts";
import { proposeDuels } from "./propose-duels.ts";

/**
 * New matches of a 1 against 1 queue, that of the oldest ticket first (see `findPairs`).
 *
 * @param waiting solo tickets, oldest first
 * @param now in ms since the epoch
 */
export const findDuels = (queue: Queue, waiting: Waiting, now: number, ids: Pick<Ids, "match">): Found => {
  const columns = new Columns(queue, waiting, now);
  const ladder = new DuelLadder(columns);
  const opponents = findPairs(columns, ladder);
  const left: WaitingTicket[] = [];
  for (let age = 0; age < opponents.length; age++) {
    const ticket = waiting.tickets[age];
    const isAlone = opponents[columns.places[age] ?? 0] === NONE;
    if (ticket && isAlone && waiting.served[age] === 1) left.push(ticket);
  }
  return { matches: proposeDuels(queue, waiting, columns, opponents, now, ids), left };
};
