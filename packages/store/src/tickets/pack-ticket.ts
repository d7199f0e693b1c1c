import { ticketElo, type WaitingPlayer, type WaitingTicket } from "@muster/core";

/**
 * A waiting ticket as text. In the range index it stands under its id, without it: its tries, a space, then the rest. Short,
 * since a million of them may wait; the tries stand first, so that a script can count one more without reading what
 * follows. Where no more is known of its players than elo and ping, the rest are words, and nothing that a job's JSON must
 * escape:
 *
 *     tries version createdAt (player elo ping)…
 *
 * with "-" for a ping that is not known. Otherwise the rest is JSON by position, a TicketTuple. A packed ticket, as jobs have
 * it, is the same with its id and a space before it.
 */
export type TicketTuple = [version: number, createdAt: number, players: PlayerTuple[], teams?: string[]];
type PlayerTuple = [
  id: string,
  elo: number,
  avgPingMs?: number | null,
  latencyMs?: WaitingPlayer["latencyMs"] | null,
  attributes?: WaitingPlayer["attributes"] | null,
  roles?: string[],
];

type Packable = Pick<WaitingTicket, "version" | "createdAt" | "teams"> & { players: readonly WaitingPlayer[] };

/** What the scripts put the tries in front of. */
export const packTicketTail = (ticket: Packable): string =>
  isPlain(ticket) ? inWords(ticket) : JSON.stringify(toTuple(ticket));

/** As it stands in the range index. */
export const packIndexed = (ticket: Packable & { tries: number }): string =>
  `${ticket.tries} ${packTicketTail(ticket)}`;

/** @param indexed what the range index says of it */
export const withId = (id: string, indexed: string): string => `${id} ${indexed}`;

export const packTicket = (ticket: Packable & { id: string; tries: number }): string =>
  withId(ticket.id, packIndexed(ticket));

export const unpackTicket = (packed: string): WaitingTicket => {
  const begin = packed.indexOf(" ", packed.indexOf(" ") + 1) + 1;
  // Only packTicket and the scripts write these values.
  if (packed[begin] !== "[") return fromWords(packed.split(" "));
  const [id = "", tries] = packed.slice(0, begin).split(" ");
  return fromTuple(id, JSON.parse(packed.slice(begin)) as TicketTuple, Number(tries));
};

/** A packed ticket's id and version, without unpacking the rest. */
export const seenIn = (packed: string): { id: string; version: number } => {
  const end = packed.indexOf(" ");
  return { id: packed.slice(0, end), version: versionIn(packed.slice(end + 1)) };
};

/** The version of a ticket, out of what the range index says of it. */
export const versionIn = (indexed: string): number => {
  const begin = indexed.indexOf(" ") + 1;
  return Number.parseInt(indexed.slice(indexed[begin] === "[" ? begin + 1 : begin), 10);
};

const isPlain = ({ players, teams }: Packable): boolean =>
  !teams && players.every(({ latencyMs, attributes, roles }) => !latencyMs && !attributes && !roles);

const inWords = ({ version, createdAt, players }: Packable): string =>
  `${version} ${createdAt} ${playersInWords(players)}`;

/** `player elo ping` of each, as they also stand in a ticket's record: the script puts the one into the other. */
export const playersInWords = (players: readonly WaitingPlayer[]): string => {
  let text = "";
  for (const { id, elo, avgPingMs } of players) text += `${text === "" ? "" : " "}${id} ${elo} ${avgPingMs ?? "-"}`;
  return text;
};

const fromWords = ([id = "", tries, version, createdAt, ...words]: string[]): WaitingTicket => {
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

export const toTuple = ({ version, createdAt, players, teams }: Packable): TicketTuple => {
  const tuples = players.map(packPlayer);
  return teams ? [version, createdAt, tuples, teams] : [version, createdAt, tuples];
};

export const fromTuple = (
  id: string,
  [version, createdAt, tuples, teams]: TicketTuple,
  tries: number,
): WaitingTicket => {
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
