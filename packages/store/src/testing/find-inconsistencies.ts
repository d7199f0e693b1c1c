import { hasOpenPlaces, type MatchTeam, type OpenMatch, ticketElo } from "@muster/core";
import type { Redis } from "ioredis";
import { eloBucket, type Keys } from "../keys.ts";
import { unpackOpenMatch } from "../matches/pack-open-match.ts";
import type { MatchBody } from "../matches/read-match.ts";
import { parsePlayerState } from "../players/player-state-text.ts";

/**
 * Reads a whole partition and says, in one line each, what breaks DESIGN's invariants 1 and 2: a player in one ticket
 * and one unfinished match at most; a ticket in all of its queue's indexes, or in one match, or ended. For a system
 * that rests: while something moves, half of the keys are read before and half after.
 */
export const findInconsistencies = async (redis: Redis, keys: Keys): Promise<string[]> => {
  const found: string[] = [];
  const names = await allKeys(redis, `{${keys.partition}}:*`);
  const under = (prefix: string) => names.filter((name) => name.startsWith(prefix));
  const ticketPrefix = keys.ticket("");
  const matchPrefix = keys.match("");

  const players = new Map<string, ReturnType<typeof parsePlayerState>>();
  for (const name of names) {
    const player = keys.playerOfStateKey(name);
    if (player !== undefined) players.set(player, parsePlayerState(await redis.get(name)));
  }

  const unfinishedMatchOf = new Map<string, string>();
  const watchedBy = new Map<string, string>();
  const unbegun = new Set<string>();
  for (const name of under(matchPrefix)) {
    const id = name.slice(matchPrefix.length);
    const { state, body, queue = "", version } = await redis.hgetall(name);
    const listed = (await redis.zscore(keys.matchDue, id)) !== null;
    if (listed !== (state !== "ended")) found.push(`match ${id} is ${state}, but ${listed ? "" : "not "}to be settled`);
    const { teams, spectators = [], startedAt } = JSON.parse(body ?? "{}") as MatchBody;
    const packed = await redis.hget(keys.openMatches(queue), id);
    const scored = (await redis.zscore(keys.openByElo(queue), id)) !== null;
    if (scored !== (packed !== null)) found.push(`match ${id} is in one of the two indexes of open matches`);
    if (scored !== (state === "open" && hasOpenPlaces(teams)))
      found.push(`match ${id} is ${state}, but ${scored ? "" : "not "}found as open`);
    if (packed !== null) found.push(...differences(id, Number(version), teams, unpackOpenMatch(packed)));
    if (state === "ended") continue;
    for (const { id: player } of teams.flatMap((team) => team.players)) {
      const other = unfinishedMatchOf.get(player);
      if (other) found.push(`player ${player} is in two unfinished matches: ${other} and ${id}`);
      unfinishedMatchOf.set(player, id);
      const expected = state === "forming" ? "pending" : "inmatch";
      if (players.get(player)?.match !== id) found.push(`match ${id} has ${player}, whose state doesn't name it`);
      else if (players.get(player)?.state !== expected)
        found.push(`match ${id} is ${state}, but ${player} not ${expected}`);
    }
    for (const player of spectators) {
      watchedBy.set(player, id);
      if (players.get(player)?.match !== id)
        found.push(`match ${id} is watched by ${player}, whose state says otherwise`);
    }
    if (startedAt === undefined) unbegun.add(id);
  }

  const queuedTicketOf = new Map<string, string>();
  for (const name of under(ticketPrefix)) {
    const id = name.slice(ticketPrefix.length);
    const ticket = await redis.hgetall(name);
    const { queue = "", status, match } = ticket;
    const members = (JSON.parse(ticket.body ?? "{}") as { players: { id: string; elo: number }[] }).players;
    const due = (await redis.zscore(keys.due(queue), id)) !== null;
    const inRange = (await redis.hexists(keys.eloBucket(queue, eloBucket(ticketElo(members))), id)) === 1;
    if (due !== (status === "queued")) found.push(`ticket ${id} is ${status}, but ${due ? "" : "not "}due`);
    const searched = status === "queued" && ticket.away === undefined;
    if (inRange !== searched) {
      found.push(`ticket ${id} is ${ticket.away ? "away" : status}, but ${inRange ? "" : "not "}in range`);
    }
    if (status === "matched" && !names.includes(keys.match(match ?? ""))) found.push(`ticket ${id} has no match`);
    if (status === "pending" && !unbegun.has(match ?? "")) found.push(`ticket ${id} is pending for no match`);
    if (status !== "queued") continue;
    for (const { id: player } of members) {
      const other = queuedTicketOf.get(player);
      if (other) found.push(`player ${player} is in two tickets: ${other} and ${id}`);
      queuedTicketOf.set(player, id);
      if (players.get(player)?.ticket !== id) found.push(`ticket ${id} has ${player}, whose state doesn't name it`);
    }
  }

  for (const [id, { state, ticket, match }] of players) {
    if (state === "inqueue" && queuedTicketOf.get(id) !== ticket) found.push(`player ${id} waits with no ticket`);
    const isPlaying = state === "inmatch" || state === "pending";
    if (isPlaying && unfinishedMatchOf.get(id) !== match) found.push(`player ${id} is in no match`);
    if (state === "inspector" && watchedBy.get(id) !== match) found.push(`player ${id} watches no match`);
  }
  return found;
};

/** What an open match's entry in the index says otherwise than its record. */
const differences = (id: string, version: number, teams: readonly MatchTeam[], open: OpenMatch): string[] => {
  const found: string[] = [];
  if (open.version !== version) found.push(`open match ${id} is indexed as version ${open.version}, not ${version}`);
  const inRecord = teams.map(({ name, open: places = 0, players }) => `${name} ${places} ${idsOf(players)}`);
  const inIndex = open.teams.map(
    (team) => `${team.name} ${team.open} ${idsOf(team.tickets.flatMap((t) => t.players))}`,
  );
  if (inRecord.join() !== inIndex.join()) found.push(`open match ${id} is indexed with other players or places`);
  return found;
};

const idsOf = (players: readonly { id: string }[]): string =>
  players
    .map((player) => player.id)
    .sort()
    .join(" ");

const allKeys = async (redis: Redis, pattern: string): Promise<string[]> => {
  const names: string[] = [];
  for await (const page of redis.scanStream({ match: pattern, count: 1_000 })) names.push(...page);
  return [...new Set(names)];
};
