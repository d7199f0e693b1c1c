import { nextVersion, type PlayerState, type Proposal, type ProposalTicket, type Queue } from "@muster/core";
import type { ChainableCommander, Redis } from "ioredis";
import type { Retention } from "../context.ts";
import { eloBucket, type Keys } from "../keys.ts";
import { formatPlayerState, parsePlayerState } from "../players/player-state-text.ts";
import { RECENT_MS, RECENT_WAITS } from "../tickets/queue-stats.ts";
import type { MatchBody } from "./read-match.ts";

/**
 * One transaction on one dedicated connection (see connectForCommits):
 *
 *     WATCH fence + every player's state · read them → check → MULTI … EXEC
 *
 * The player states guard everything: they name ticket and ticket version, and every change of a ticket writes them. The
 * fence guards against a leader of before. If anything watched changes before EXEC, Redis drops the transaction whole.
 */
export interface CommitContext {
  /** Dedicated to this commit while it runs. */
  connection: Redis;
  keys: Keys;
  /** What the fence must say. */
  fence: string;
  /** Time of the commit, ms since the epoch. */
  now: number;
  retention: Retention;
  queue: (name: string) => Queue | undefined;
}

export type CommitOutcome =
  /** In Redis: all players of the match moved, now or in an earlier attempt whose answer was lost. */
  | "committed"
  /** A player or ticket isn't any more what the proposal was made from: it can never be committed. */
  | "conflict"
  /** Something changed between the check and EXEC; nothing of this attempt was applied. Worth another attempt. */
  | "aborted";

/** The fence is another's: this mover leads no more. */
export class FencedError extends Error {
  constructor() {
    super("the fence has changed: another mover leads");
    this.name = "FencedError";
  }
}

/**
 * Commits proposals, each one wholly or not at all, in one transaction.
 *
 * WATCH costs Redis time quadratic in the keys watched: keep a call to about 100 players.
 *
 * @returns one outcome for each proposal, in order
 * @throws FencedError when another mover leads; nothing was written
 * @throws any connection error: then the outcome is unknown until the call is repeated on a new connection, which
 *   finds what was applied
 */
export const commitMatches = async (
  context: CommitContext,
  proposals: readonly Proposal[],
): Promise<CommitOutcome[]> => {
  const { connection, keys, fence } = context;
  const players = [...new Set(proposals.flatMap((proposal) => proposal.tickets.flatMap((ticket) => ticket.players)))];
  const watched = [keys.moverFence, ...players.map(keys.playerState)];

  const [, read] =
    (await connection
      .pipeline()
      .watch(...watched)
      .mget(...watched)
      .exec()) ?? [];
  if (!read || read[0]) throw read?.[0] ?? new Error("WATCH got no answer");
  const [currentFence, ...texts] = read[1] as (string | null)[];
  if (currentFence !== fence) {
    await connection.unwatch();
    throw new FencedError();
  }

  const states = new Map(players.map((player, index) => [player, parsePlayerState(texts[index] ?? null)]));
  const outcomes = judge(proposals, states, context.queue);
  const toCommit = proposals.filter((_, index) => outcomes[index] === undefined);
  if (toCommit.length === 0) {
    await connection.unwatch();
    return outcomes.map((outcome) => outcome ?? "conflict");
  }

  const transaction = connection.multi();
  writeMatches(transaction, context, toCommit, states);
  const replies = await transaction.exec();
  const fresh: CommitOutcome = replies === null ? "aborted" : "committed";
  for (const [error] of replies ?? []) {
    // EXEC has no rollback: an error in here means that a key held what nobody could have written.
    if (error) throw error;
  }
  return outcomes.map((outcome) => outcome ?? fresh);
};

/** The outcome of each proposal as far as the states decide it; undefined where it can be committed. */
const judge = (
  proposals: readonly Proposal[],
  states: ReadonlyMap<string, PlayerState>,
  queue: CommitContext["queue"],
): (CommitOutcome | undefined)[] => {
  const taken = new Set<string>();
  return proposals.map((proposal) => {
    const players = proposal.tickets.flatMap((ticket) => ticket.players);
    if (players.every((player) => isIn(states.get(player), proposal.id))) return "committed";
    const fits =
      queue(proposal.queue) !== undefined &&
      proposal.tickets.every((ticket) =>
        ticket.players.every((player) => !taken.has(player) && waitsWith(states.get(player), ticket)),
      );
    if (!fits) return "conflict";
    for (const player of players) taken.add(player);
    return undefined;
  });
};

const isIn = (player: PlayerState | undefined, match: string): boolean =>
  player?.state === "inmatch" && player.match === match;

const waitsWith = (player: PlayerState | undefined, ticket: ProposalTicket): boolean =>
  player?.state === "inqueue" && player.ticket === ticket.id && player.ticketVersion === ticket.version;

const writeMatches = (
  transaction: ChainableCommander,
  { keys, now, retention, queue }: CommitContext,
  proposals: readonly Proposal[],
  states: ReadonlyMap<string, PlayerState>,
): void => {
  const newStates: Record<string, string> = {};
  const leaving = new Map<string, ProposalTicket[]>();

  for (const proposal of proposals) {
    const endsAt = now + (queue(proposal.queue)?.matchLengthMs ?? 0);
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
      transaction.pexpire(keys.ticket(ticket.id), retention.endedMs);
      transaction.hdel(keys.eloBucket(proposal.queue, eloBucket(ticket.elo)), ticket.id);
      leaving.set(proposal.queue, [...(leaving.get(proposal.queue) ?? []), ticket]);
    }
    const { teams, eloGap, quality, region } = proposal;
    const body: MatchBody = { version: 1, teams, eloGap, quality, ...(region && { region }) };
    transaction.hset(keys.match(proposal.id), {
      queue: proposal.queue,
      state: "live",
      createdAt: now,
      endsAt,
      body: JSON.stringify(body),
    });
    transaction.zadd(keys.matchEnds, endsAt, proposal.id);
    transaction.xadd(
      ...([keys.events, "MAXLEN", "~", retention.events, "*"] as const),
      ...["type", "matched", "queue", proposal.queue, "match", proposal.id, "at", String(now)],
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
