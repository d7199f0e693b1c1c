import { DUEL_TEAMS, type Ids, type Proposal, type Queue } from "@muster/core";
import type { Waiting } from "../gather.ts";
import { duelQuality, toldQuality } from "../quality.ts";
import { regionOf } from "../rules/terms.ts";
import type { Columns } from "./columns.ts";
import { NONE } from "./duel-ladder.ts";
import type { Opponents } from "./find-pairs.ts";

/**
 * The proposals of a 1 against 1 queue, that of the oldest ticket first. A served ticket comes first in its match.
 *
 * This is `toProposal` for two solo tickets, written out as a literal: of 50,000 matches each object more is felt.
 */
export const proposeDuels = (
  queue: Queue,
  { tickets, served }: Waiting,
  columns: Columns,
  opponents: Opponents,
  now: number,
  ids: Pick<Ids, "match">,
): Proposal[] => {
  const { ages, places } = columns;
  const proposals: Proposal[] = [];
  for (let age = 0; age < tickets.length; age++) {
    const place = places[age] ?? 0;
    const opponent = opponents[place] ?? NONE;
    // Each pair once: at its older ticket, which comes first in the order of age.
    if (opponent === NONE || (ages[opponent] ?? 0) < age) continue;
    const youngerAge = ages[opponent] ?? 0;
    const isOlderFirst = served[age] === 1;
    const first = isOlderFirst ? age : youngerAge;
    const second = isOlderFirst ? youngerAge : age;
    const [one, other] = [tickets[first], tickets[second]];
    const [onePlayer, otherPlayer] = [one?.players[0], other?.players[0]];
    if (!one || !other || !onePlayer || !otherPlayer) continue;
    const eloGap = Math.abs(onePlayer.elo - otherPlayer.elo);
    const pingSpreadMs = Math.abs((onePlayer.avgPingMs ?? 0) - (otherPlayer.avgPingMs ?? onePlayer.avgPingMs ?? 0));
    const waitedMs = now - Math.min(one.createdAt, other.createdAt);
    const proposal: Proposal = {
      id: ids.match(),
      queue: queue.name,
      tickets: [one, other],
      teams: DUEL_TEAMS,
      eloGap,
      quality: toldQuality(duelQuality(eloGap, pingSpreadMs, waitedMs / queue.expireAfterMs)),
    };
    const terms = columns.termsOf(place);
    const region = terms && regionOf([{ terms }, { terms: columns.termsOf(opponent) }]);
    if (region !== undefined) proposal.region = region;
    proposals.push(proposal);
  }
  return proposals;
};
