import type { OpenMatch, OpenTeam } from "@muster/core";
import { fromTuple, type TicketTuple, toTuple } from "../tickets/pack-ticket.ts";

/** An open match as it stands in its index: JSON by position, like a packed ticket. */
type Tuple = [
  id: string,
  version: number,
  openedAt: number,
  region: string | null,
  teams: [name: string, open: number, roles: string[] | null, tickets: PackedTicket[]][],
];
/** A ticket with its id and tries, where they don't stand in front of it. */
export type PackedTicket = [id: string, tries: number, ticket: TicketTuple];

export const packOpenMatch = ({ id, version, openedAt, region, teams }: OpenMatch): string => {
  const tuple: Tuple = [
    id,
    version,
    openedAt,
    region ?? null,
    teams.map(({ name, open, roles, tickets }) => [
      ...([name, open, roles ?? null] as const),
      tickets.map((ticket): PackedTicket => [ticket.id, ticket.tries, toTuple(ticket)]),
    ]),
  ];
  return JSON.stringify(tuple);
};

export const unpackOpenMatch = (packed: string): OpenMatch => {
  // Only packOpenMatch writes these values.
  const [id, version, openedAt, region, teams] = JSON.parse(packed) as Tuple;
  return {
    ...{ id, version, openedAt },
    ...(region !== null && { region }),
    teams: teams.map(
      ([name, open, roles, tickets]): OpenTeam => ({
        name,
        open,
        tickets: tickets.map(([ticket, tries, tuple]) => fromTuple(ticket, tuple, tries)),
        ...(roles && { roles }),
      }),
    ),
  };
};

/** The place of an open match on the elo axis: the mean of its players, or, when all have left, `fallback`. */
export const openMatchElo = ({ teams }: Pick<OpenMatch, "teams">, fallback: number): number => {
  const elos = teams.flatMap(({ tickets }) => tickets.flatMap(({ players }) => players.map(({ elo }) => elo)));
  return elos.length === 0 ? fallback : elos.reduce((sum, elo) => sum + elo, 0) / elos.length;
};
