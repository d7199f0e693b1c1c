import type { Match, MatchChange, PlayerState, Queue } from "@muster/core";
import { MusterError, toQueue } from "@muster/core";
import type { StoreContext } from "../context.ts";
import { parsePlayerState } from "../players/player-state-text.ts";
import { loadScript, runScript } from "../redis/run-script.ts";
import { inTurn } from "./in-turn.ts";
import { toMatch } from "./match-record.ts";
import { planChange } from "./plan-change.ts";

const script = loadScript(new URL("./change-match.lua", import.meta.url));

/** Each try fails only because another process changed the match in between; so many in a row are no accident. */
const TRIES = 50;

/** What is decided about a match, with what else in the store belongs to it. */
export interface RatedChange extends MatchChange {
  readonly ratings?: readonly RatingChange[];
  /** What presence must say of players when the change takes effect; else the decision is taken again. */
  readonly held?: readonly Held[];
}

/** A player and the token of the connection that stands for it; "" for none. */
export interface Held {
  readonly player: string;
  readonly token: string;
}

/** A rating as it was read and as it is to be; it fails the change when it was written in between. */
export interface RatingChange {
  readonly player: string;
  /** Its text as it was read; absent: there was none. */
  readonly was?: string;
  readonly text: string;
}

/** What happens to a match: undefined when nothing does. It may throw, and may be asked again. */
export type DecideChange = (
  queue: Queue,
  match: Match,
  now: number,
) => RatedChange | undefined | Promise<RatedChange | undefined>;

/**
 * Changes a match, its players and their tickets together, wholly or not at all. When the match is changed in between,
 * the decision is taken again.
 *
 * @returns the match as it is then; null when there is no such match
 * @throws what `decide` throws; PLAYER_BUSY when a player who wants to watch is not idle
 */
export const changeMatch = (
  context: StoreContext,
  id: string,
  queueOf: (name: string) => Queue | undefined,
  decide: DecideChange,
): Promise<Match | null> => takeTurn(context.keys.match(id), () => change(context, id, queueOf, decide));

/** A hundred players who accept at once would else make each other decide again a hundred times. */
const takeTurn = inTurn();

const change = async (
  context: StoreContext,
  id: string,
  queueOf: (name: string) => Queue | undefined,
  decide: DecideChange,
): Promise<Match | null> => {
  const { redis, keys, clock } = context;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const record = await redis.hgetall(keys.match(id));
    const match = toMatch(id, record);
    if (!match) return null;
    const queue = queueOf(match.queue) ?? retiredQueue(match.queue);
    const now = clock.now();
    const decided = await decide(queue, match, now);
    if (!decided) return match;
    const { plan, scriptKeys, after } = await planChange(context, queue, match, record.revision ?? "", decided, now);
    const [word, text] = (await runScript(redis, script, scriptKeys, [JSON.stringify(plan)])) as string[];
    if (word === "done") return after;
    if (word === "busy" && decided.spectator !== undefined) {
      throw playerBusy(decided.spectator, parsePlayerState(text ?? ""));
    }
  }
  throw new Error(`match ${id} was changed ${TRIES} times while it was being changed`);
};

/** A queue that is no longer defined, whose matches still run to their end. */
const retiredQueue = (name: string): Queue =>
  toQueue(name, {
    teams: { count: 1, size: 1 },
    maxPartySize: 1,
    steps: [{ fromTry: 0 }],
    ...{ retryEveryMs: 1_000, expireAfterMs: 1_000, matchLengthMs: 1_000, maxWaiting: 1 },
  });

/** What one who wants to watch and is in something is told. */
export const playerBusy = (id: string, { state, queue, ticket, match }: PlayerState): MusterError => {
  return new MusterError("PLAYER_BUSY", `${id} is ${state}: only an idle player can watch a match.`, {
    busy: [{ id, state, ...(queue && { queue }), ...(ticket && { ticket }), ...(match && { match }) }],
  });
};
