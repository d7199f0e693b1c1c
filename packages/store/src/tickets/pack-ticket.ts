import { type Attributes, ticketElo, type WaitingPlayer, type WaitingTicket } from "@muster/core";

/**
 * A waiting ticket as it stands in the range index: its tries, a space, then JSON of the rest by position. Short, since
 * a million of them may wait; the tries stand first, so that a script can count one more without reading the JSON.
 */
type Tuple = [id: string, version: number, createdAt: number, players: PlayerTuple[]];
type PlayerTuple = [
  id: string,
  elo: number,
  avgPingMs?: number | null,
  latencyMs?: Latencies | null,
  attributes?: Attributes,
];
type Latencies = WaitingPlayer["latencyMs"];

type Packable = Pick<WaitingTicket, "id" | "version" | "createdAt"> & { players: readonly WaitingPlayer[] };

/** The packed ticket without its tries: what the scripts put the tries in front of. */
export const packTicketTail = (ticket: Packable): string => {
  const tuple: Tuple = [ticket.id, ticket.version, ticket.createdAt, ticket.players.map(packPlayer)];
  return JSON.stringify(tuple);
};

const packPlayer = ({ id, elo, avgPingMs, latencyMs, attributes }: WaitingPlayer): PlayerTuple => {
  if (attributes) return [id, elo, avgPingMs ?? null, latencyMs ?? null, attributes];
  if (latencyMs) return [id, elo, avgPingMs ?? null, latencyMs];
  return avgPingMs === undefined ? [id, elo] : [id, elo, avgPingMs];
};

export const packTicket = (ticket: Packable & { tries: number }): string => `${ticket.tries} ${packTicketTail(ticket)}`;

export const unpackTicket = (packed: string): WaitingTicket => {
  const space = packed.indexOf(" ");
  // Only packTicket and the scripts write these values.
  const [id, version, createdAt, tuples] = JSON.parse(packed.slice(space + 1)) as Tuple;
  const players = tuples.map(unpackPlayer);
  return { id, version, createdAt, tries: Number(packed.slice(0, space)), elo: ticketElo(players), players };
};

const unpackPlayer = ([id, elo, avgPingMs, latencyMs, attributes]: PlayerTuple): WaitingPlayer => ({
  id,
  elo,
  ...(typeof avgPingMs === "number" && { avgPingMs }),
  ...(latencyMs && { latencyMs }),
  ...(attributes && { attributes }),
});
