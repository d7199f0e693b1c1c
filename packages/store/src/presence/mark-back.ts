import { ticketElo, toWaiting } from "@muster/core";
import type { StoreContext } from "../context.ts";
import { eloBucket } from "../keys.ts";
import { loadScript, runScript } from "../redis/run-script.ts";
import { packTicketTail } from "../tickets/pack-ticket.ts";
import type { QueueOf } from "./mark-away.ts";
import { type Groups, readGroups } from "./read-groups.ts";
import { inChunks } from "./write-match-events.ts";

const script = loadScript(new URL("./mark-back.lua", import.meta.url));

/** Each try fails only because tickets were changed in between; so many changes in a row are no accident. */
const TRIES = 10;

/**
 * Notes that players are back. A ticket of which nobody is away any more is searched for again, at once, in its old
 * place: with the same createdAt, tries and expiresAt.
 *
 * @param token only players that this connection holds are back; "" for any player
 * @returns those who don't wait
 */
export const markBack = async (
  context: StoreContext,
  queueOf: QueueOf,
  players: readonly string[],
  token: string,
): Promise<Groups["others"]> => {
  const { waiting, others } = await readGroups(context, players);
  let left = waiting;
  for (let attempt = 0; attempt < TRIES && left.length > 0; attempt++) {
    const changed = await inChunks(left, (group) => markGroup(context, queueOf, group, token));
    left = (await readGroups(context, changed.flat())).waiting;
  }
  if (left.length > 0) throw new Error(`${left.length} tickets were changed ${TRIES} times while marked back`);
  return others;
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
  const tail = packTicketTail({ id, version: version + 1, createdAt, ...toWaiting(queue, ticket) });
  const outcome = await runScript(
    redis,
    script,
    [...scriptKeys, ...ticket.players.map((player) => keys.playerState(player.id))],
    [clock.now(), token, retention.events, id, version, tail, ...players],
  );
  return outcome === "changed" ? players : [];
};
