import {
  createMatch,
  dueAt,
  hasOpenPlaces,
  type Match,
  nextVersion,
  type Proposal,
  type ProposalTicket,
  type Queue,
  ticketElo,
  withState,
} from "@muster/core";
import type { ChainableCommander } from "ioredis";
import { eloBucket } from "../keys.ts";
import { formatPlayerState } from "../players/player-state-text.ts";
import { RECENT_MS, RECENT_WAITS } from "../tickets/queue-stats.ts";
import type { CommitContext } from "./commit-matches.ts";
import type { Joined, Known } from "./judge-proposals.ts";
import { moverOf } from "./mover-lease.ts";
import { toOpenTeams, withJoiners } from "./open-teams.ts";
import { openMatchElo, packOpenMatch } from "./pack-open-match.ts";
import { bodyOf } from "./read-match.ts";

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
  const due: (number | string)[] = [];

  for (const proposal of proposals) {
    const queueOf = queue(proposal.queue);
    // judgeProposals lets no proposal of an unknown queue come here.
    if (!queueOf) continue;
    const running = proposal.join && joined.get(proposal.id);
    const match = running ? withThem(queueOf, running.match, proposal, now) : createMatch(queueOf, proposal, now);
    const isForming = match.state === "forming";
    for (const ticket of proposal.tickets) {
      for (const player of ticket.players) {
        newStates[keys.playerState(player)] = formatPlayerState({
          state: isForming ? "pending" : "inmatch",
          version: nextVersion(states.get(player)?.version ?? 0, now),
          at: now,
          // A match begins: the tries of before are paid off.
          tries: isForming ? (states.get(player)?.tries ?? 0) : 0,
          ticket: ticket.id,
          ticketVersion: ticket.version,
          match: proposal.id,
          queue: proposal.queue,
        });
      }
      writeTicket(transaction, context, ticket, match);
    }
    due.push(dueAt(match), proposal.id);
    leaving.set(proposal.queue, [...(leaving.get(proposal.queue) ?? []), ...proposal.tickets]);
    const type = running ? "joined" : "matched";
    if (running) writeJoin(transaction, context, proposal, match, running);
    else writeMatch(transaction, context, proposal, match);
    transaction.xadd(
      ...([keys.events, "MAXLEN", "~", retention.events, "*"] as const),
      ...["type", type, "queue", proposal.queue, "match", proposal.id, "at", String(now)],
      ...["eloGap", String(proposal.eloGap), "mover", moverOf(context.fence)],
      ...["tickets", proposal.tickets.map(({ id }) => id).join(" ")],
      ...(context.foundBy === undefined ? [] : ["matchmaker", context.foundBy]),
    );
  }
  // What many matches have in common is one command for all of them: each costs both sides some µs.
  transaction.mset(newStates);
  transaction.zadd(keys.matchDue, ...due);
  for (const [queue, tickets] of leaving) {
    for (const [bucket, here] of Map.groupBy(tickets, ({ elo }) => eloBucket(elo))) {
      transaction.hdel(keys.eloBucket(queue, bucket), ...here.map(({ id }) => id));
    }
    transaction.zrem(keys.due(queue), ...tickets.map((ticket) => ticket.id));
    transaction.lpush(keys.waits(queue), ...tickets.map((ticket) => now - ticket.createdAt));
    transaction.ltrim(keys.waits(queue), 0, RECENT_WAITS - 1);
    transaction.pexpire(keys.waits(queue), RECENT_MS);
  }
};

/** A match with those who join it. In queues with sessions they have as long to arrive as the others had. */
const withThem = ({ session }: Queue, match: Match, proposal: Proposal, now: number): Match => {
  const joinBy = session && now + session.joinWithinMs;
  const joiners = proposal.teams.map((team) => ({
    ...team,
    players: team.players.map((player) => ({ ...player, ...(joinBy !== undefined && { joinBy }) })),
  }));
  const { eloGap, quality } = proposal;
  return withState({ ...match, eloGap, quality, version: match.version + 1, teams: withJoiners(match.teams, joiners) });
};

/** A ticket is matched for good once its match has begun. */
const writeTicket = (
  transaction: ChainableCommander,
  { keys, now, retention }: CommitContext,
  { id }: ProposalTicket,
  match: Match,
): void => {
  const record = keys.ticket(id);
  if (match.startedAt === undefined) {
    transaction.hset(record, "status", "pending", "match", match.id);
    return;
  }
  transaction.hset(record, "status", "matched", "match", match.id, "endedAt", now);
  // As long as its match may lose a player: whoever takes the place is held against those who stay.
  transaction.pexpire(record, Math.max(0, match.endsAt - now) + retention.endedMs);
};

const writeMatch = (
  transaction: ChainableCommander,
  context: CommitContext,
  proposal: Proposal,
  match: Match,
): void => {
  const { keys, now } = context;
  const { id, waiting = [] } = proposal;
  const { queue, state, version, createdAt, endsAt, teams, region } = match;
  transaction.hset(keys.match(id), {
    ...{ queue, state, version, revision: 1, createdAt, endsAt },
    body: JSON.stringify(bodyOf(match)),
  });
  // A match that is forming looks for players once all have accepted.
  if (state !== "open" || !hasOpenPlaces(teams)) return;
  const open = { id, version, openedAt: now, ...(region !== undefined && { region }) };
  writeOpen(transaction, context, proposal, { ...open, teams: toOpenTeams(teams, waiting) });
};

const writeJoin = (
  transaction: ChainableCommander,
  context: CommitContext,
  proposal: Proposal,
  match: Match,
  { open }: Joined,
): void => {
  const { keys } = context;
  const { id, queue, waiting = [] } = proposal;
  const { state, version, teams } = match;
  transaction.hset(keys.match(id), { state, version, body: JSON.stringify(bodyOf(match)) });
  transaction.hincrby(keys.match(id), "revision", 1);
  if (hasOpenPlaces(teams)) {
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
