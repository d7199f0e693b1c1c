import { DEFAULT_GRACE_MS, type Queue, ticketElo } from "@muster/core";
import type { StoreContext } from "../context.ts";
import { eloBucket } from "../keys.ts";
import { loadScript, runScript } from "../redis/run-script.ts";
import { type Groups, readGroups } from "./read-groups.ts";
import { inChunks, writeMatchEvents } from "./write-match-events.ts";

const script = loadScript(new URL("./mark-away.lua", import.meta.url));

export type QueueOf = (name: string) => Queue | undefined;

/** Who says that players are away: see mark-away.lua. */
export type Word = { who: "holder"; token: string } | { who: "silence" } | { who: "realm" };

/** Each try fails only because tickets were changed in between; so many changes in a row are no accident. */
const TRIES = 10;

/**
 * Marks players as away, as far as the word for it counts. Who waits, waits on unseen: no search finds its ticket, and
 * no match that was proposed with it can be committed, since its version rises. When the queue's grace is over before
 * everyone is back, the ticket expires.
 */
export const markAway = async (
  context: StoreContext,
  queueOf: QueueOf,
  players: readonly string[],
  word: Word,
): Promise<void> => {
  let left = players;
  for (let attempt = 0; attempt < TRIES && left.length > 0; attempt++) {
    const { waiting, others } = await readGroups(context, left);
    if (others.length > 0) await forget(context, others, word);
    const changed = await inChunks(waiting, (group) => markGroup(context, queueOf, group, word));
    left = changed.flat();
  }
  if (left.length > 0)
    throw new Error(`tickets of ${left.length} players were changed ${TRIES} times while marked away`);
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

/** Of players who don't wait only the connections are forgotten; of those in a match it is told. */
const forget = async (context: StoreContext, others: Groups["others"], word: Word): Promise<void> => {
  const players = others.map(({ player }) => player);
  const [, ...done] = await run(context, [], word, ["", 0, 0], players);
  const forgotten = new Set(done);
  await writeMatchEvents(
    context,
    "disconnected",
    others.filter(({ player }) => forgotten.has(player)),
  );
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
