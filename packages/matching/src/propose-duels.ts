import type { Ids, Proposal, ProposalTicket, Queue, WaitingPlayer, WaitingTicket } from "@muster/core";
import type { Opponents } from "./find-pairs.ts";
import { duelQuality, toldQuality } from "./quality.ts";
import { regionOf } from "./rules/terms.ts";
import type { Seeker } from "./seeker.ts";

/**
 * The proposals of a 1 against 1 queue, that of the oldest ticket first. A served ticket comes first in its match.
 *
 * This is `toProposal` for two solo tickets, written out as literals: measured with 50,000 matches, that takes about
 * half the time of arrays that are mapped.
 */
export const proposeDuels = (
  queue: Queue,
  oldestFirst: readonly Seeker[],
  opponents: Opponents,
  now: number,
  ids: Pick<Ids, "match">,
): Proposal[] => {
  const proposals: Proposal[] = [];
  for (const seeker of oldestFirst) {
    const opponent = opponents[seeker.age];
    // Each pair once: at its older ticket.
    if (!opponent || opponent.age < seeker.age) continue;
    const one = seeker.served ? seeker.ticket : opponent.ticket;
    const other = seeker.served ? opponent.ticket : seeker.ticket;
    const [onePlayer, otherPlayer] = [one.players[0], other.players[0]];
    if (!onePlayer || !otherPlayer) continue;
    const eloGap = Math.abs(onePlayer.elo - otherPlayer.elo);
    const pingSpreadMs = Math.abs((onePlayer.avgPingMs ?? 0) - (otherPlayer.avgPingMs ?? onePlayer.avgPingMs ?? 0));
    // The older of the two comes first in the order of age.
    const waitedMs = now - seeker.ticket.createdAt;
    const proposal: Proposal = {
      id: ids.match(),
      queue: queue.name,
      tickets: [toProposalTicket(one, onePlayer), toProposalTicket(other, otherPlayer)],
      teams: [
        { name: "1", players: [{ id: onePlayer.id, elo: onePlayer.elo, ticket: one.id }] },
        { name: "2", players: [{ id: otherPlayer.id, elo: otherPlayer.elo, ticket: other.id }] },
      ],
      eloGap,
      quality: toldQuality(duelQuality(eloGap, pingSpreadMs, waitedMs / queue.expireAfterMs)),
    };
    const region = seeker.terms && regionOf([seeker, opponent]);
    if (region !== undefined) proposal.region = region;
    proposals.push(proposal);
  }
  return proposals;
};

const toProposalTicket = (
  { id, version, elo, createdAt, tries }: WaitingTicket,
  player: WaitingPlayer,
): ProposalTicket => ({
  id,
  version,
  elo,
  createdAt,
  tries,
  players: [player.id],
});
