import { DEFAULT_GRACE_MS, type PlayerState, type Queue, ticketElo } from "@muster/core";
import type { StoreContext } from "../context.ts";
import { eloBucket } from "../keys.ts";
import { loadScript, runScript } from "../redis/run-script.ts";
import { inChunks } from "./in-chunks.ts";
import { noteInMatches } from "./note-in-matches.ts";
import { type Groups, readGroups } from "./read-groups.ts";

const script = loadScript(new URL("./mark-away.lua", import.meta.url));

export type QueueOf = (name: string) => Queue | undefined;

/** Who says that players are away: see mark-away.lua. */
export type Word = { who: "holder"; token: string } | { who: "silence" | "nobody" | "realm" };

/** Each try fails only because tickets were changed in between; so many changes in a row are no accident. */
const TRIES = 10;

/**
 * Marks players as away, as far as the word for it counts. Who waits, waits on unseen: no search finds its ticket, and
 * no match that was proposed with it can be committed, since its version rises. When the queue's grace is over before
 * everyone is back, the ticket expires. Who is in a match stays in it, marked as away.
 */
export const markAway = async (
  context: StoreContext,
  queueOf: QueueOf,
  players: readonly string[],
  word: Word,
): Promise<void> => {
  let left = players;
  let moved: readonly string[] = [];
  for (let attempt = 0; attempt < TRIES && left.length + moved.length > 0; attempt++) {
    const again = await look(context, queueOf, left, word);
    // Their holder is forgotten already, and who had a new one since is not away.
    const late = await look(context, queueOf, moved, word.who === "realm" ? word : { who: "nobody" });
    left = again.changed;
    moved = [...again.moved, ...late.moved, ...late.changed];
  }
  left = [...left, ...moved];
  if (left.length > 0)
    throw new Error(`tickets of ${left.length} players were changed ${TRIES} times while marked away`);
};

interface Look {
  /** Their tickets changed meanwhile. */
  changed: readonly string[];
  /** They left their matches meanwhile. */
  moved: readonly string[];
}

/** Marks players where they are, and says who has to be looked at again. */
const look = async (context: StoreContext, queueOf: QueueOf, players: readonly string[], word: Word): Promise<Look> => {
  const { waiting, others } = await readGroups(context, players);
  // First of all: a ticket with a player away must not be matched.
  const changed = await inChunks(waiting, (group) => markGroup(context, queueOf, group, word));
  const [playing, free] = [others.filter(({ state }) => plays(state)), others.filter(({ state }) => !plays(state))];
  await forget(context, free, word);
  return { changed: changed.flat(), moved: await noteAway(context, queueOf, playing, word) };
};

const plays = ({ state, match }: PlayerState): boolean => match !== undefined && state !== "inspector";

/** @returns those who left their matches meanwhile */
const noteAway = async (
  context: StoreContext,
  queueOf: QueueOf,
  playing: Groups["others"],
  word: Word,
): Promise<string[]> => {
  if (word.who === "realm") return noteInMatches(context, queueOf, playing, { away: true });
  // Whoever dies in between leaves them silent, not forgotten.
  const silent = await forget(context, playing, word, "silent");
  const moved = await noteInMatches(context, queueOf, silent, { away: true, token: "" });
  await forget(context, silent, { who: "nobody" });
  return moved;
};

/** @returns the players to be looked at again */
const markGroup = async (
  context: StoreContext,
  queueOf: QueueOf,
  { ticket, players }: Groups["waiting"][number],
  word: Word,
): Promise<readonly string[]> => {
  const { keys } = context;
  const { id, version, queue } = ticket;
  const ticketKeys = [keys.ticket(id), keys.due(queue), keys.eloBucket(queue, eloBucket(ticketElo(ticket.players)))];
  const states = ticket.players.map((player) => keys.playerState(player.id));
  const graceMs = queueOf(queue)?.graceMs ?? DEFAULT_GRACE_MS;
  const [outcome] = await run(context, [...ticketKeys, ...states], word, [id, version, graceMs], players);
  return outcome === "changed" ? players : [];
};

/**
 * The connections of players who don't wait are forgotten.
 *
 * @param keep "silent" to have the sweeper look at them again
 * @returns those for whom the word counts
 */
const forget = async (
  context: StoreContext,
  others: Groups["others"],
  word: Word,
  keep: "silent" | "" = "",
): Promise<Groups["others"]> => {
  if (others.length === 0) return [];
  const players = others.map(({ player }) => player);
  const [, ...done] = await run(context, [], word, ["", keep, 0], players);
  const forgotten = new Set(done);
  return others.filter(({ player }) => forgotten.has(player));
};

const run = async (
  { redis, keys, clock, retention }: StoreContext,
  ticketKeys: readonly string[],
  word: Word,
  ticketArgs: readonly (string | number)[],
  players: readonly string[],
): Promise<string[]> => {
  const token = word.who === "holder" ? word.token : "";
  const scriptKeys = [keys.presence, keys.presenceHolders, keys.events, ...ticketKeys];
  const args = [clock.now(), word.who, token, retention.events, ...ticketArgs, ...players];
  // The script's header says what it returns.
  return (await runScript(redis, script, scriptKeys, args)) as string[];
};
