import { isInstant, type PlayerState, type Queue, type TicketRequest, toWaiting } from "@muster/core";
import type { StoreContext } from "../context.ts";
import { EVENTS_PER_ENTRY } from "../events/unpack-event.ts";
import { eloBucket } from "../keys.ts";
import { parsePlayerState } from "../players/player-state-text.ts";
import { loadScript, runScript, type ScriptArgument } from "../redis/run-script.ts";
import { packTicket, packTicketTail, withId } from "./pack-ticket.ts";
import { SEARCH_LOST_AFTER_MS } from "./schedule.ts";
import { parseAccepted, unpackRequest, wordsOf } from "./ticket-record.ts";

const script = loadScript(new URL("./enqueue-tickets.lua", import.meta.url));

/** So many tickets, or players of them, go into one script call: it holds Redis up for about a millisecond. */
export const TICKETS_PER_CALL = 50;
const PLAYERS_PER_CALL = 500;

export interface NewTicket {
  id: string;
  request: TicketRequest;
  /** Tells this request from others under the same id. Absent: the id is fresh, nobody can repeat it. */
  digest?: string;
}

export type EnqueueOutcome =
  /** `replayed`: the same request was accepted before; these are its answers of then, and the request that was kept. */
  | {
      outcome: "queued" | "replayed";
      createdAt: number;
      expiresAt: number;
      tries: number;
      request: TicketRequest;
      packed: string;
      /** Mean of its players', as the index has it. */
      elo: number;
    }
  | { outcome: "conflict" }
  | { outcome: "busy"; players: { id: string; state: PlayerState }[] }
  | { outcome: "cooling"; players: { id: string; untilMs: number }[] }
  | { outcome: "full" };

/**
 * Puts tickets into a queue, each one wholly or not at all: all its players were idle and are in the queue now, or
 * nothing was written.
 *
 * @returns one outcome for each ticket, in order
 */
export const enqueueTickets = async (
  context: StoreContext,
  queue: Queue,
  tickets: readonly NewTicket[],
): Promise<EnqueueOutcome[]> => {
  const outcomes: EnqueueOutcome[] = [];
  for (let start = 0; start < tickets.length; ) {
    const chunk = chunkFrom(tickets, start);
    outcomes.push(...(await enqueueChunk(context, queue, chunk)));
    start += chunk.length;
  }
  return outcomes;
};

const chunkFrom = (tickets: readonly NewTicket[], start: number): readonly NewTicket[] => {
  let [end, players] = [start, 0];
  while (end < Math.min(tickets.length, start + TICKETS_PER_CALL)) {
    players += tickets[end]?.request.players.length ?? 0;
    // One whose party alone is larger goes all the same.
    if (players > PLAYERS_PER_CALL && end > start) break;
    end += 1;
  }
  return tickets.slice(start, end);
};

const enqueueChunk = async (
  { redis, keys, clock, retention }: StoreContext,
  queue: Queue,
  tickets: readonly NewTicket[],
): Promise<EnqueueOutcome[]> => {
  const now = clock.now();
  const expiresAt = now + queue.expireAfterMs;
  const scriptKeys = [keys.due(queue.name), keys.events, keys.eventMarks];
  const args: ScriptArgument[] = [
    now,
    // In instant matching no search can get lost.
    isInstant(queue) ? expiresAt : Math.min(now + SEARCH_LOST_AFTER_MS, expiresAt),
    queue.expireAfterMs,
    queue.maxWaiting,
    queue.name,
    hasCoolDowns(queue) ? 1 : 0,
    retention.events,
    EVENTS_PER_ENTRY,
  ];
  const coolDowns = hasCoolDowns(queue);
  const packed = tickets.map(({ id, request, digest }): Packed => {
    const waiting = toWaiting(queue, request);
    const { elo } = waiting;
    const words = wordsOf(request);
    const tail = words ? `1 ${now} ${words}` : packTicketTail({ version: 1, createdAt: now, ...waiting });
    scriptKeys.push(keys.ticket(id), keys.eloBucket(queue.name, eloBucket(elo)));
    for (const player of request.players) scriptKeys.push(keys.playerState(player.id));
    if (coolDowns) for (const player of request.players) scriptKeys.push(keys.coolDown(player.id));
    args.push(id, digest ?? "-", words ?? JSON.stringify(request), words ? "" : tail, elo, request.players.length);
    return { tail, elo };
  });
  // The script's header says what it returns.
  const replies = (await runScript(redis, script, scriptKeys, args)) as (number | (string | number)[])[];
  return tickets.map((ticket, index) => {
    const [reply, of] = [replies[index], packed[index]];
    if (typeof reply !== "number" || !of) return parseReply(queue, ticket, typeof reply === "object" ? reply : []);
    const { id, request } = ticket;
    const { elo, tail } = of;
    const answered = { createdAt: now, expiresAt, tries: reply, request, elo };
    return { outcome: "queued", ...answered, packed: withId(id, `${reply} ${tail}`) };
  });
};

interface Packed {
  tail: string;
  elo: number;
}

export const hasCoolDowns = ({ readyCheck, leaveCoolDownMs }: Queue): boolean =>
  readyCheck?.coolDown !== undefined || leaveCoolDownMs !== undefined;

const parseReply = (queue: Queue, { id, request }: NewTicket, [word, ...rest]: (string | number)[]): EnqueueOutcome => {
  switch (word) {
    case "replayed": {
      const accepted = parseAccepted(String(rest[0]));
      if (!accepted) throw new Error(`ticket ${id} was accepted as "${rest[0]}"`);
      const { createdAt, expiresAt, tries } = accepted;
      // What Muster filled in may differ by now: the first answer counts.
      const kept = unpackRequest(accepted.request);
      const waiting = toWaiting(queue, kept);
      const packed = packTicket({ id, version: 1, createdAt, tries, ...waiting });
      return { outcome: word, createdAt, expiresAt, tries, request: kept, elo: waiting.elo, packed };
    }
    case "busy":
      return {
        outcome: word,
        players: namedPlayers(request, rest).map(([id, text]) => ({ id, state: parsePlayerState(String(text)) })),
      };
    case "cooling":
      return {
        outcome: word,
        players: namedPlayers(request, rest).map(([id, untilMs]) => ({ id, untilMs: Number(untilMs) })),
      };
    case "conflict":
    case "full":
      return { outcome: word };
    default:
      throw new Error(`enqueue-tickets.lua returned "${word}"`);
  }
};

/** Players that the script names by their place, each with what it says of them. */
const namedPlayers = ({ players }: TicketRequest, pairs: readonly (string | number)[]): [string, string | number][] => {
  const named: [string, string | number][] = [];
  for (let n = 0; n < pairs.length; n += 2) {
    const player = players[Number(pairs[n]) - 1];
    if (player) named.push([player.id, pairs[n + 1] ?? ""]);
  }
  return named;
};
