import { type Match, nextVersion, type Proposal, type ProposalTicket, ticketElo } from "@muster/core";
import type { ChainableCommander } from "ioredis";
import { eloBucket } from "../keys.ts";
import { formatPlayerState } from "../players/player-state-text.ts";
import { RECENT_MS, RECENT_WAITS } from "../tickets/queue-stats.ts";
import type { CommitContext } from "./commit-matches.ts";
import type { Joined, Known } from "./judge-proposals.ts";
import { isOpen, toOpenTeams, withJoiners } from "./open-teams.ts";
import { openMatchElo, packOpenMatch } from "./pack-open-match.ts";
import type { MatchBody } from "./read-match.ts";

/** Queues all writes of proposals that can be committed. */
export const writeMatches = (
  transaction: ChainableCommander,
  context: CommitContext,
  proposals: readonly Proposal[],
  { states, joined }: Known,
): void => {
  const { keys, now, retention, queue } = context;
  const newStates: Record<string, string> = {};
  const leaving = new Map<string, ProposalTicket[]>();

  for (const proposal of proposals) {
    const running = proposal.join && joined.get(proposal.id);
    const endsAt = running ? running.match.endsAt : now + (queue(proposal.queue)?.matchLengthMs ?? 0);
    for (const ticket of proposal.tickets) {
      for (const player of ticket.players) {
        newStates[keys.playerState(player)] = formatPlayerState({
          state: "inmatch",
          version: nextVersion(states.get(player)?.version ?? 0, now),
          at: now,
          // A match begins: the tries of before are paid off.
          tries: 0,
          ticket: ticket.id,
          ticketVersion: ticket.version,
          match: proposal.id,
          queue: proposal.queue,
        });
      }
      transaction.hset(keys.ticket(ticket.id), "status", "matched", "match", proposal.id, "endedAt", now);
      // As long as its match may lose a player: whoever takes the place is held against those who stay.
      transaction.pexpire(keys.ticket(ticket.id), Math.max(0, endsAt - now) + retention.endedMs);
      transaction.hdel(keys.eloBucket(proposal.queue, eloBucket(ticket.elo)), ticket.id);
    }
    leaving.set(proposal.queue, [...(leaving.get(proposal.queue) ?? []), ...proposal.tickets]);
    const type = running ? "joined" : "matched";
    if (running) writeJoin(transaction, context, proposal, running);
    else writeMatch(transaction, context, proposal, endsAt);
    transaction.xadd(
      ...([keys.events, "MAXLEN", "~", retention.events, "*"] as const),
      ...["type", type, "queue", proposal.queue, "match", proposal.id, "at", String(now)],
      ...["eloGap", String(proposal.eloGap)],
    );
  }
  transaction.mset(newStates);
  for (const [queue, tickets] of leaving) {
    transaction.zrem(keys.due(queue), ...tickets.map((ticket) => ticket.id));
    transaction.lpush(keys.waits(queue), ...tickets.map((ticket) => now - ticket.createdAt));
    transaction.ltrim(keys.waits(queue), 0, RECENT_WAITS - 1);
    transaction.pexpire(keys.waits(queue), RECENT_MS);
  }
};

const writeMatch = (
  transaction: ChainableCommander,
  context: CommitContext,
  proposal: Proposal,
  endsAt: number,
): void => {
  const { keys, now } = context;
  const { id, queue, teams, eloGap, quality, region, waiting = [] } = proposal;
  const body: MatchBody = { teams, eloGap, quality, ...(region !== undefined && { region }) };
  transaction.hset(keys.match(id), {
    ...{ queue, state: isOpen(teams) ? "open" : "live", version: 1, createdAt: now, endsAt },
    body: JSON.stringify(body),
  });
  transaction.zadd(keys.matchEnds, endsAt, id);
  const tries = Math.max(0, ...waiting.map((ticket) => ticket.tries));
  const open = { id, version: 1, openedAt: now, tries, ...(region !== undefined && { region }) };
  if (isOpen(teams)) writeOpen(transaction, context, proposal, { ...open, teams: toOpenTeams(teams, waiting) });
};

const writeJoin = (
  transaction: ChainableCommander,
  context: CommitContext,
  proposal: Proposal,
  { match, open }: Joined,
): void => {
  const { keys } = context;
  const { id, queue, eloGap, quality, waiting = [] } = proposal;
  const teams = withJoiners(match.teams, proposal.teams);
  const version = match.version + 1;
  const { region, left }: Match = match;
  const body: MatchBody = { teams, eloGap, quality, ...(region !== undefined && { region }), ...(left && { left }) };
  transaction.hset(keys.match(id), {
    ...{ state: isOpen(teams) ? "open" : "live", version },
    body: JSON.stringify(body),
  });
  if (isOpen(teams)) {
    const tickets = [...open.teams.flatMap((team) => team.tickets), ...waiting];
    writeOpen(transaction, context, proposal, { ...open, version, teams: toOpenTeams(teams, tickets) });
    return;
  }
  transaction.zrem(keys.openByElo(queue), id);
  transaction.hdel(keys.openMatches(queue), id);
};

const writeOpen = (
  transaction: ChainableCommander,
  { keys }: CommitContext,
  { id, queue, tickets }: Proposal,
  open: Joined["open"],
): void => {
  transaction.zadd(keys.openByElo(queue), openMatchElo(open, ticketElo(tickets)), id);
  transaction.hset(keys.openMatches(queue), id, packOpenMatch(open));
};
