import {
  createMatch,
  dueAt,
  hasOpenPlaces,
  type Match,
  type NewMatch,
  nextVersion,
  type OpenMatch,
  type Proposal,
  type Queue,
  teamsOf,
  ticketElo,
  type WaitingTicket,
  waitingOf,
  withState,
} from "@muster/core";
import type { ChainableCommander } from "ioredis";
import { EVENTS_PER_ENTRY } from "../events/unpack-event.ts";
import { eloBucket } from "../keys.ts";
import { formatPlayerState } from "../players/player-state-text.ts";
import { loadScript, type ScriptArgument } from "../redis/run-script.ts";
import { RECENT_MS, RECENT_WAITS } from "../tickets/queue-stats.ts";
import type { CommitContext } from "./commit-matches.ts";
import type { Joined, Known } from "./judge-proposals.ts";
import { formatBody, formatMade } from "./match-record.ts";
import { moverOf } from "./mover-lease.ts";
import { toOpenTeams, withJoiners } from "./open-teams.ts";
import { openMatchElo, packOpenMatch } from "./pack-open-match.ts";

const script = loadScript(new URL("./write-matches.lua", import.meta.url));

/** What of one queue goes to the script; its header says in which order. */
interface Writes {
  matches: number;
  matchKeys: string[];
  matchArgs: ScriptArgument[];
  stateKeys: string[];
  states: string[];
  tickets: WaitingTicket[];
}

/**
 * Queues all writes of proposals that can be committed: one call of the script for each of their queues, since every
 * command costs the mover more than what it writes.
 *
 * @param by its hash; its text for a server that doesn't know it
 */
export const writeMatches = (
  transaction: ChainableCommander,
  context: CommitContext,
  proposals: readonly Proposal[],
  known: Known,
  by: "evalsha" | "eval",
): void => {
  for (const [name, ofQueue] of Map.groupBy(proposals, (proposal) => proposal.queue)) {
    const queue = context.queue(name);
    // judgeProposals lets no proposal of an unknown queue come here.
    if (!queue) continue;
    const writes: Writes = { matches: 0, matchKeys: [], matchArgs: [], stateKeys: [], states: [], tickets: [] };
    for (const proposal of ofQueue) addMatch(writes, context, queue, proposal, known);
    const [keys, args] = toCall(context, name, writes);
    transaction[by](by === "eval" ? script.lua : script.sha, keys.length, ...keys, ...args);
  }
};

const toCall = (
  { keys, now, retention, fence, foundBy }: CommitContext,
  queue: string,
  { matches, matchKeys, matchArgs, stateKeys, states, tickets }: Writes,
): [keys: string[], args: ScriptArgument[]] => {
  const buckets = Map.groupBy(tickets, ({ elo }) => eloBucket(elo));
  const scriptKeys = [keys.due(queue), keys.waits(queue), keys.openByElo(queue), keys.openMatches(queue)];
  scriptKeys.push(keys.matchDue, keys.events, keys.endedTickets, keys.eventMarks, ...stateKeys, ...matchKeys);
  const args: ScriptArgument[] = [
    queue,
    now,
    moverOf(fence),
    foundBy ?? "-",
    retention.events,
    EVENTS_PER_ENTRY,
    RECENT_WAITS,
    RECENT_MS,
  ];
  args.push(states.length, matches, ...states, ...matchArgs);
  for (const [bucket, here] of buckets) {
    scriptKeys.push(keys.eloBucket(queue, bucket));
    args.push(here.length);
    for (const { id } of here) args.push(id);
  }
  return [scriptKeys, args];
};

const addMatch = (
  writes: Writes,
  { keys, now, retention }: CommitContext,
  queue: Queue,
  proposal: Proposal,
  { states, joined }: Known,
): void => {
  const { id, tickets } = proposal;
  const running = proposal.join && joined.get(id);
  const match = running ? withThem(queue, running.match, proposal, now) : createMatch(queue, toNewMatch(proposal), now);
  const { state, version, endsAt } = match;
  const isForming = state === "forming";
  const open = toOpen(proposal, match, running, now);
  writes.matches += 1;
  writes.matchKeys.push(keys.match(id));
  writes.matchArgs.push(running ? "joined" : "matched", id);
  writes.matchArgs.push(running ? `${state} ${version} ${formatBody(match)}` : formatMade(match));
  writes.matchArgs.push(dueAt(match), proposal.eloGap);
  writes.matchArgs.push(open ? packOpenMatch(open) : "", open ? openMatchElo(open, ticketElo(tickets)) : "");
  // A ticket is matched for good once its match has begun. It is kept as long as that may lose a player: whoever takes
  // the place is held against those who stay.
  writes.matchArgs.push(match.startedAt === undefined ? "pending" : "matched");
  writes.matchArgs.push(Math.max(now, endsAt) + retention.endedMs, tickets.length);
  for (const ticket of tickets) {
    writes.matchKeys.push(keys.ticket(ticket.id));
    writes.matchArgs.push(ticket.id, now - ticket.createdAt);
    writes.tickets.push(ticket);
    for (const { id: player } of ticket.players) {
      const before = states.get(player);
      writes.stateKeys.push(keys.playerState(player));
      writes.states.push(
        formatPlayerState({
          state: isForming ? "pending" : "inmatch",
          version: nextVersion(before?.version ?? 0, now),
          at: now,
          // A match begins: the tries of before are paid off.
          tries: isForming ? (before?.tries ?? 0) : 0,
          ticket: ticket.id,
          ticketVersion: ticket.version,
          match: id,
          queue: queue.name,
        }),
      );
    }
  }
};

/** The match as those see it who may join it; undefined when it looks for nobody. */
const toOpen = (
  proposal: Proposal,
  { state, version, teams, region }: Match,
  running: Joined | undefined,
  now: number,
): OpenMatch | undefined => {
  if (!hasOpenPlaces(teams)) return undefined;
  const waiting = waitingOf(proposal);
  if (running) {
    const tickets = [...running.open.teams.flatMap((team) => team.tickets), ...waiting];
    return { ...running.open, version, teams: toOpenTeams(teams, tickets) };
  }
  // A match that is forming looks for players once all have accepted.
  if (state !== "open") return undefined;
  return {
    id: proposal.id,
    version,
    openedAt: now,
    ...(region !== undefined && { region }),
    teams: toOpenTeams(teams, waiting),
  };
};

const toNewMatch = (proposal: Proposal): NewMatch => {
  const { id, eloGap, quality, region } = proposal;
  return { id, teams: teamsOf(proposal), eloGap, quality, ...(region !== undefined && { region }) };
};

/** A match with those who join it. In queues with sessions they have as long to arrive as the others had. */
const withThem = ({ session }: Queue, match: Match, proposal: Proposal, now: number): Match => {
  const joinBy = session && now + session.joinWithinMs;
  const joiners = teamsOf(proposal).map((team) => ({
    ...team,
    players: team.players.map((player) => ({ ...player, ...(joinBy !== undefined && { joinBy }) })),
  }));
  const { eloGap, quality } = proposal;
  return withState({ ...match, eloGap, quality, version: match.version + 1, teams: withJoiners(match.teams, joiners) });
};
