import { createMatch, dueAt, matchSize, type Proposal, type Queue, teamsOf } from "@muster/core";
import { EVENTS_PER_ENTRY, formatMade, formatPlayerState, type Keys } from "@muster/store";
import { bareChunk } from "./bare-commands.ts";

/**
 * What the commits of these proposals write, with as few commands as Redis has for it and nothing else: no WATCH, no
 * reads, no check, no MULTI, no job, no fence. Encoded beforehand and sent over one plain socket, several chunks under
 * way at once, so that Redis alone is the limit.
 */
export const encodeFloor = (keys: Keys, queue: Queue, proposals: readonly Proposal[], now: number): Buffer[] => {
  const perChunk = Math.max(1, Math.floor(PLAYERS_PER_CHUNK / matchSize(queue)));
  const chunks: Buffer[] = [];
  for (let from = 0; from < proposals.length; from += perChunk) {
    chunks.push(bareChunk(commandsFor(keys, queue, proposals.slice(from, from + perChunk), now)));
  }
  return chunks;
};

/** As many as the mover commits together. */
const PLAYERS_PER_CHUNK = 60;

const commandsFor = (keys: Keys, queue: Queue, proposals: readonly Proposal[], now: number): string[][] => {
  const states: string[] = [];
  const buckets = new Map<string, string[]>();
  const others: string[][] = [];
  const due: string[] = [];
  const told: string[] = [];
  const tickets = proposals.flatMap((proposal) => proposal.tickets);
  for (const proposal of proposals) {
    const { id, eloGap, quality } = proposal;
    const match = createMatch(queue, { id, teams: teamsOf(proposal), eloGap, quality }, now);
    others.push(["HSET", keys.match(id), "made", formatMade(match)]);
    due.push(String(dueAt(match)), id);
    told.push(["matched", queue.name, id, eloGap, "mover", "-", ...proposal.tickets.map((each) => each.id)].join(" "));
    for (const ticket of proposal.tickets) {
      const common = { version: now, at: now, tries: 0, ticket: ticket.id, ticketVersion: ticket.version };
      for (const { id: player } of ticket.players) {
        states.push(keys.playerState(player));
        states.push(formatPlayerState({ state: "inmatch", ...common, match: id, queue: queue.name }));
      }
      others.push(["HSET", keys.ticket(ticket.id), "status", `matched ${id} ${now}`]);
      const bucket = keys.eloBucket(queue.name, Math.floor(ticket.elo / ELO_PER_BUCKET));
      buckets.set(bucket, [...(buckets.get(bucket) ?? []), ticket.id]);
    }
  }
  for (let n = 0; n < told.length; n += EVENTS_PER_ENTRY) {
    const packed = told.slice(n, n + EVENTS_PER_ENTRY).join("\n");
    others.push(["XADD", keys.events, "MAXLEN", "~", "200000", "*", "packed", packed]);
  }
  return [
    ["MSET", ...states],
    ...others,
    ...[...buckets].map(([bucket, ids]) => ["HDEL", bucket, ...ids]),
    ["ZREM", keys.due(queue.name), ...tickets.map(({ id }) => id)],
    ["ZADD", keys.matchDue, ...due],
    ["ZADD", keys.endedTickets, String(now + queue.matchLengthMs + 3_600_000), tickets.map(({ id }) => id).join(" ")],
    ["LPUSH", keys.waits(queue.name), ...tickets.map(({ createdAt }) => String(now - createdAt))],
    ["LTRIM", keys.waits(queue.name), "0", "499"],
  ];
};

/** As in the store's keys. */
const ELO_PER_BUCKET = 25;
