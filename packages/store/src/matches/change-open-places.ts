import { type Match, type MatchTeam, type Queue, ticketElo, toWaiting, type WaitingTicket } from "@muster/core";
import type { StoreContext } from "../context.ts";
import { loadScript, runScript } from "../redis/run-script.ts";
import { readTickets } from "../tickets/read-ticket.ts";
import { isOpen, toOpenTeams } from "./open-teams.ts";
import { openMatchElo, packOpenMatch } from "./pack-open-match.ts";
import { type MatchBody, readMatch } from "./read-match.ts";

const script = loadScript(new URL("./change-open-places.lua", import.meta.url));

/** Each try fails only because players joined or left in between; so many changes in a row are no accident. */
const TRIES = 10;

/** What a match is to be changed to; its teams keep their names and order. */
export type PlacesChange = Pick<Match, "teams" | "left">;

/**
 * Changes who is in a match that runs, and which places waiting tickets may take. Players who are in its teams no more
 * are idle at once.
 *
 * @param change from the match as it is; undefined when there is nothing to change. It may be asked again, when somebody
 *   joined in between
 * @returns the match as it is then, also when it had ended before; null when there is no such match
 */
export const changeOpenPlaces = async (
  context: StoreContext,
  id: string,
  queueOf: (name: string) => Queue | undefined,
  change: (match: Match) => PlacesChange | undefined,
): Promise<Match | null> => {
  const { redis, keys, clock, retention } = context;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const match = await readMatch(context, id);
    const queue = match && queueOf(match.queue);
    if (!match || !queue || match.state === "ended") return match;
    const changed = change(match);
    if (!changed) return match;
    const { eloGap, quality, region } = match;
    const body: MatchBody = { eloGap, quality, ...(region !== undefined && { region }), ...changed };
    const now = clock.now();
    const open = isOpen(changed.teams) && (await asOpenMatch(context, queue, { ...match, ...changed }, now));
    const stays = new Set(playersOf(changed.teams));
    const lost = playersOf(match.teams).filter((player) => !stays.has(player));
    const outcome = await runScript(
      redis,
      script,
      [
        ...[keys.match(id), keys.openByElo(queue.name), keys.openMatches(queue.name), keys.events],
        ...lost.map(keys.playerState),
      ],
      [
        ...[id, match.version, now, JSON.stringify(body), open ? packOpenMatch(open) : ""],
        ...[open ? openMatchElo(open, meanElo(match)) : 0, retention.idleMs, retention.events],
      ],
    );
    if (outcome !== "changed") return readMatch(context, id);
  }
  throw new Error(`match ${id} was changed ${TRIES} times while its places were being changed`);
};

const playersOf = (teams: readonly MatchTeam[]): string[] =>
  teams.flatMap(({ players }) => players.map(({ id }) => id));

const meanElo = ({ teams, left = [] }: Match): number =>
  ticketElo([...teams.flatMap(({ players }) => players), ...left]);

const asOpenMatch = async (context: StoreContext, queue: Queue, match: Match, now: number) => {
  const ids = [...new Set(match.teams.flatMap(({ players }) => players.map(({ ticket }) => ticket)))];
  const tickets = (await readTickets(context, ids)).filter((ticket) => ticket !== null);
  const waiting = tickets.map((ticket): WaitingTicket => {
    const { id, version, createdAt, tries } = ticket;
    return { id, version, createdAt, tries, ...toWaiting(queue, ticket) };
  });
  return {
    id: match.id,
    version: match.version + 1,
    openedAt: now,
    tries: Math.max(0, ...waiting.map(({ tries }) => tries)),
    ...(match.region !== undefined && { region: match.region }),
    teams: toOpenTeams(match.teams, waiting),
  };
};
