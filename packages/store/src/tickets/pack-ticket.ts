import { ticketElo, type WaitingPlayer, type WaitingTicket } from "@muster/core";

/**
 * A waiting ticket as it stands in the range index: its tries, a space, then JSON of the rest by position. Short, since
 * a million of them may wait; the tries stand first, so that a script can count one more without reading the JSON.
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
export const packTicketTail = (ticket: Packable): string => JSON.stringify(toTuple(ticket));

export const withTries = (tries: number, tail: string): string => `${tries} ${tail}`;

export const packTicket = (ticket: Packable & { tries: number }): string =>
  withTries(ticket.tries, packTicketTail(ticket));

export const unpackTicket = (packed: string): WaitingTicket => {
  const space = packed.indexOf(" ");
  // Only packTicket and the scripts write these values.
  return fromTuple(JSON.parse(packed.slice(space + 1)) as TicketTuple, Number(packed.slice(0, space)));
};

export const toTuple = ({ id, version, createdAt, players, teams }: Packable): TicketTuple => {
  const tuples = players.map(packPlayer);
  return teams ? [id, version, createdAt, tuples, teams] : [id, version, createdAt, tuples];
};

export const fromTuple = ([id, version, createdAt, tuples, teams]: TicketTuple, tries: number): WaitingTicket => {
  const players = tuples.map(unpackPlayer);
  return { id, version, createdAt, tries, elo: ticketElo(players), players, ...(teams && { teams }) };
};

const packPlayer = ({ id, elo, avgPingMs, latencyMs, attributes, roles }: WaitingPlayer): PlayerTuple => {
  if (roles) return [id, elo, avgPingMs ?? null, latencyMs ?? null, attributes ?? null, roles];
  if (attributes) return [id, elo, avgPingMs ?? null, latencyMs ?? null, attributes];
  if (latencyMs) return [id, elo, avgPingMs ?? null, latencyMs];
  return avgPingMs === undefined ? [id, elo] : [id, elo, avgPingMs];
};

const unpackPlayer = ([id, elo, avgPingMs, latencyMs, attributes, roles]: PlayerTuple): WaitingPlayer => ({
  id,
  elo,
  ...(typeof avgPingMs === "number" && { avgPingMs }),
  ...(latencyMs && { latencyMs }),
  ...(attributes && { attributes }),
  ...(roles && { roles }),
});
