import { DUEL_TEAMS, type Ids, type Proposal, type Queue, type WaitingTicket } from "@muster/core";
import type { Found } from "../find-matches.ts";
import { duelQuality, toldQuality } from "../quality.ts";
import type { Roster } from "../roster.ts";
import { regionOf } from "../rules/terms.ts";
import type { Columns } from "./columns.ts";
import { NONE } from "./duel-ladder.ts";
import type { Pairing } from "./find-pairs.ts";

/** The proposals of a 1 against 1 queue, that of the oldest ticket first. A served ticket comes first in its match. */
export const proposeDuels = (
  queue: Queue,
  roster: Roster,
  { columns, opponents }: Pick<Pairing, "columns" | "opponents">,
  now: number,
  ids: Pick<Ids, "match">,
): Found => {
  const { ages, places } = columns;
  const matches: Proposal[] = [];
  const left: WaitingTicket[] = [];
  for (let age = 0; age < places.length; age++) {
    const place = places[age] ?? 0;
    const opponent = opponents[place] ?? NONE;
    if (opponent === NONE) {
      const ticket = roster.tickets[age];
      if (ticket && roster.served[age] === 1) left.push(ticket);
      continue;
    }
    // Each pair once: at its older ticket, which comes first in the order of age.
    if ((ages[opponent] ?? 0) < age) continue;
    const proposal = proposeDuel(queue, roster, columns, place, opponent, now, ids);
    if (proposal) matches.push(proposal);
  }
  return { matches, left };
};

/** This is `toProposal` for two solo tickets, out of columns: of 50,000 matches each object and each look at one is felt. */
const proposeDuel = (
  queue: Queue,
  { tickets, served, createdAt }: Roster,
  columns: Columns,
  place: number,
  opponent: number,
  now: number,
  ids: Pick<Ids, "match">,
): Proposal | undefined => {
  const { ages, elo } = columns;
  const age = ages[place] ?? 0;
  const older = tickets[age];
  const younger = tickets[ages[opponent] ?? 0];
  // Not `!older`: whether an object is true is asked of the object, which would have to be fetched from memory.
  if (older === undefined || younger === undefined) return undefined;
  const eloGap = Math.abs((elo[place] ?? 0) - (elo[opponent] ?? 0));
  const waitedShare = (now - (createdAt[age] ?? 0)) / queue.expireAfterMs;
  const proposal: Proposal = {
    id: ids.match(),
    queue: queue.name,
    tickets: served[age] === 1 ? [older, younger] : [younger, older],
    teams: DUEL_TEAMS,
    eloGap,
    quality: toldQuality(duelQuality(eloGap, columns.pingSpreadMs(place, opponent), waitedShare)),
  };
  const terms = columns.termsOf(place);
  const region = terms && regionOf([{ terms }, { terms: columns.termsOf(opponent) }]);
  if (region !== undefined) proposal.region = region;
  return proposal;
};
