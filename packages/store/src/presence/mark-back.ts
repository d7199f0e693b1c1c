import { ticketElo, toWaiting } from "@muster/core";
import type { StoreContext } from "../context.ts";
import { eloBucket } from "../keys.ts";
import { loadScript, runScript } from "../redis/run-script.ts";
import { packTicketTail } from "../tickets/pack-ticket.ts";
import { inChunks } from "./in-chunks.ts";
import type { QueueOf } from "./mark-away.ts";
import { noteInMatches } from "./note-in-matches.ts";
import { type Groups, readGroups } from "./read-groups.ts";

const script = loadScript(new URL("./mark-back.lua", import.meta.url));

/** Each try fails only because tickets were changed in between; so many changes in a row are no accident. */
const TRIES = 10;

/**
 * Notes that players are back. A ticket of which nobody is away any more is searched for again, at once, in its old
 * place: with the same createdAt, tries and expiresAt. Who is in a match is away in it no more.
 *
 * @param token only players that this connection holds are back; "" for any player
 */
export const markBack = async (
  context: StoreContext,
  queueOf: QueueOf,
  players: readonly string[],
  token: string,
): Promise<void> => {
  let left = players;
  for (let attempt = 0; attempt < TRIES && left.length > 0; attempt++) {
    const { waiting, others } = await readGroups(context, left);
    const moved = await noteInMatches(context, queueOf, others, { away: false, ...(token !== "" && { token }) });
    const changed = await inChunks(waiting, (group) => markGroup(context, queueOf, group, token));
    left = [...moved, ...changed.flat()];
  }
  if (left.length > 0)
    throw new Error(`tickets of ${left.length} players were changed ${TRIES} times while marked back`);
};

/** @returns the players to be looked at again */
const markGroup = async (
  { redis, keys, clock, retention }: StoreContext,
  queueOf: QueueOf,
  { ticket, players }: Groups["waiting"][number],
  token: string,
): Promise<readonly string[]> => {
  const queue = queueOf(ticket.queue);
  // A queue that is defined no more: its tickets are never searched for, and expire.
  if (!ticket.away || !queue) return [];
  const { id, version, createdAt } = ticket;
  const bucket = keys.eloBucket(queue.name, eloBucket(ticketElo(ticket.players)));
  const scriptKeys = [keys.presenceHolders, keys.events, keys.ticket(id), keys.due(queue.name), bucket];
  const tail = packTicketTail({ version: version + 1, createdAt, ...toWaiting(queue, ticket) });
  const outcome = await runScript(
    redis,
    script,
    [...scriptKeys, ...ticket.players.map((player) => keys.playerState(player.id))],
    [clock.now(), token, retention.events, id, version, tail, ...players],
  );
  return outcome === "changed" ? players : [];
};
