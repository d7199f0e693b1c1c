import type { Proposal, Queue, WaitingTicket } from "@muster/core";
import type { Redis } from "ioredis";
import type { Retention } from "../context.ts";
import type { Keys } from "../keys.ts";
import { parsePlayerState } from "../players/player-state-text.ts";
import { type Joined, judgeProposals } from "./judge-proposals.ts";
import { toMatch } from "./match-record.ts";
import { unpackOpenMatch } from "./pack-open-match.ts";
import { writeMatches } from "./write-matches.ts";

/**
 * One transaction on one dedicated connection (see connectForCommits):
 *
 *     WATCH fence + every player's state + every match that is joined · read them → check → MULTI … EXEC
 *
 * The player states guard everything about tickets: they name ticket and ticket version, and every change of a ticket
 * writes them. The record of a match that is joined guards its places: every change of its teams writes its version. The
 * fence guards against a leader of before. If anything watched changes before EXEC, Redis drops the transaction whole.
 */
export interface CommitContext {
  /** Dedicated to this commit while it runs. */
  connection: Redis;
  keys: Keys;
  /** What the fence must say. */
  fence: string;
  /** Name of the matchmaker whose proposals these are. */
  foundBy?: string;
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
  try {
    return await transact(context, proposals, "evalsha");
  } catch (error) {
    // A server that doesn't know the script has refused it before anything was written.
    if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
    return transact(context, proposals, "eval");
  }
};

const transact = async (
  context: CommitContext,
  proposals: readonly Proposal[],
  by: "evalsha" | "eval",
): Promise<CommitOutcome[]> => {
  const { connection, keys, fence } = context;
  const players = [...new Set(proposals.flatMap(({ tickets }) => tickets.flatMap(playerIds)))];
  const joins = proposals.filter(({ join }) => join);
  const stateKeys = [keys.moverFence, ...players.map(keys.playerState)];

  const reading = connection
    .pipeline()
    .watch(...stateKeys, ...joins.map(({ id }) => keys.match(id)))
    .mget(...stateKeys);
  for (const { id, queue } of joins) reading.hgetall(keys.match(id)).hget(keys.openMatches(queue), id);
  const replies = (await reading.exec()) ?? [];
  if (replies.length === 0) throw new Error("WATCH got no answer");
  for (const [error] of replies) if (error) throw error;
  const [, states, ...matches] = replies.map(([, reply]) => reply);
  const [currentFence, ...texts] = states as (string | null)[];
  if (currentFence !== fence) {
    await connection.unwatch();
    throw new FencedError();
  }

  const known = {
    states: new Map(players.map((player, index) => [player, parsePlayerState(texts[index] ?? null)])),
    joined: new Map(
      joins.map(({ id }, index) => [id, toJoined(id, matches[2 * index] as Fields, matches[2 * index + 1] as Packed)]),
    ),
  };
  const outcomes = judgeProposals(proposals, known, context.queue);
  const toCommit = proposals.filter((_, index) => outcomes[index] === undefined);
  if (toCommit.length === 0) {
    await connection.unwatch();
    return outcomes.map((outcome) => outcome ?? "conflict");
  }

  const transaction = connection.multi();
  writeMatches(transaction, context, toCommit, known, by);
  const written = await transaction.exec();
  const fresh: CommitOutcome = written === null ? "aborted" : "committed";
  for (const [error] of written ?? []) {
    // EXEC has no rollback, and neither has the script: but for a script that isn't known, an error in here means that a
    // key held what nobody could have written.
    if (error) throw error;
  }
  return outcomes.map((outcome) => outcome ?? fresh);
};

const playerIds = ({ players }: WaitingTicket): string[] => players.map(({ id }) => id);

type Fields = Record<string, string>;
type Packed = string | null;

/** Undefined when the match is gone, or looks for nobody. */
const toJoined = (id: string, fields: Fields, packed: Packed): Joined | undefined => {
  const match = toMatch(id, fields);
  return match && packed !== null ? { match, open: unpackOpenMatch(packed) } : undefined;
};
