import { ticketElo, type WaitingPlayer, type WaitingTicket } from "@muster/core";

/**
 * A waiting ticket as it stands in the range index: its tries, a space, then the rest. Short, since a million of them may
 * wait; the tries stand first, so that a script can count one more without reading what follows. Where no more is known
 * of its players than elo and ping, the rest are words, and nothing that a job's JSON must escape:
 *
 *     id version createdAt (player elo ping)…
 *
 * with "-" for a ping that is not known. Otherwise it is JSON by position, a TicketTuple; no id begins like that.
 */
export type TicketTuple = [id: string, version: number, createdAt: number, players: PlayerTuple[], teams?: string[]];
type PlayerTuple = [
  id: string,
  elo: number,
  avgPingMs?: number | null,
  latencyMs?: WaitingPlayer["latencyMs"] | null,
  attributes?: WaitingPlayer["attributes"] | null,
  roles?: string[],
];

type Packable = Pick<WaitingTicket, "id" | "version" | "createdAt" | "teams"> & { players: readonly WaitingPlayer[] };

/** The packed ticket without its tries: what the scripts put the tries in front of. */
export const packTicketTail = (ticket: Packable): string =>
  isPlain(ticket) ? inWords(ticket) : JSON.stringify(toTuple(ticket));

export const withTries = (tries: number, tail: string): string => `${tries} ${tail}`;

export const packTicket = (ticket: Packable & { tries: number }): string =>
  withTries(ticket.tries, packTicketTail(ticket));

export const unpackTicket = (packed: string): WaitingTicket => {
  const space = packed.indexOf(" ");
  // Only packTicket and the scripts write these values.
  if (packed[space + 1] !== "[") return fromWords(packed.split(" "));
  return fromTuple(JSON.parse(packed.slice(space + 1)) as TicketTuple, Number(packed.slice(0, space)));
};

/** A packed ticket's "id version", without unpacking the rest. */
export const seenIn = (packed: string): string => {
  const begin = packed.indexOf(" ") + 1;
  if (packed[begin] !== "[") return packed.slice(begin, packed.indexOf(" ", packed.indexOf(" ", begin) + 1));
  const { id, version } = unpackTicket(packed);
  return `${id} ${version}`;
};

const isPlain = ({ players, teams }: Packable): boolean =>
  !teams && players.every(({ latencyMs, attributes, roles }) => !latencyMs && !attributes && !roles);

const inWords = ({ id, version, createdAt, players }: Packable): string => {
  let text = `${id} ${version} ${createdAt}`;
  for (const player of players) text += ` ${player.id} ${player.elo} ${player.avgPingMs ?? "-"}`;
  return text;
};

const fromWords = ([tries, id = "", version, createdAt, ...words]: string[]): WaitingTicket => {
  const players: WaitingPlayer[] = [];
  for (let n = 0; n < words.length; n += 3) {
    const player: WaitingPlayer = { id: words[n] ?? "", elo: Number(words[n + 1]) };
    const ping = words[n + 2];
    if (ping !== "-") player.avgPingMs = Number(ping);
    players.push(player);
  }
  const elo = ticketElo(players);
  return { id, version: Number(version), createdAt: Number(createdAt), tries: Number(tries), elo, players };
};

export const toTuple = ({ id, version, createdAt, players, teams }: Packable): TicketTuple => {
  const tuples = players.map(packPlayer);
  return teams ? [id, version, createdAt, tuples, teams] : [id, version, createdAt, tuples];
};

export const fromTuple = ([id, version, createdAt, tuples, teams]: TicketTuple, tries: number): WaitingTicket => {
  const players = tuples.map(unpackPlayer);
  const ticket: WaitingTicket = { id, version, createdAt, tries, elo: ticketElo(players), players };
  if (teams) ticket.teams = teams;
  return ticket;
};

const packPlayer = ({ id, elo, avgPingMs, latencyMs, attributes, roles }: WaitingPlayer): PlayerTuple => {
  if (roles) return [id, elo, avgPingMs ?? null, latencyMs ?? null, attributes ?? null, roles];
  if (attributes) return [id, elo, avgPingMs ?? null, latencyMs ?? null, attributes];
  if (latencyMs) return [id, elo, avgPingMs ?? null, latencyMs];
  return avgPingMs === undefined ? [id, elo] : [id, elo, avgPingMs];
};

const unpackPlayer = ([id, elo, avgPingMs, latencyMs, attributes, roles]: PlayerTuple): WaitingPlayer => {
  // Assigned one by one, not spread: a search unpacks hundreds.
  const player: WaitingPlayer = { id, elo };
  if (typeof avgPingMs === "number") player.avgPingMs = avgPingMs;
  if (latencyMs) player.latencyMs = latencyMs;
  if (attributes) player.attributes = attributes;
  if (roles) player.roles = roles;
  return player;
};
