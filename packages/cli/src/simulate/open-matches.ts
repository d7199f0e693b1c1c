import { type OpenMatch, type OpenTeam, type Proposal, ticketElo, waitingOf } from "@muster/core";
import { DueTimes } from "./due-times.ts";
import { WaitingPool } from "./waiting-pool.ts";

/** A search is given so many open matches at most: the store reads 16 to each side of its elo. */
const MAX_NEAR = 32;

interface Entry {
  readonly elo: number;
  readonly order: number;
  readonly open: OpenMatch;
}

/** The matches that look for players, as the store keeps them: by elo, until they are full or over. */
export class OpenMatches {
  readonly #byElo = new WaitingPool<Entry>();
  readonly #byId = new Map<string, Entry>();
  readonly #ends = new DueTimes<string>();
  #added = 0;

  /** Keeps a new match as open as its proposal leaves it; one without open places isn't kept. */
  add(proposal: Proposal, atMs: number, endsAtMs: number): void {
    const { id, region } = proposal;
    const teams = seated(proposal);
    if (!teams.some(({ open }) => open)) return;
    this.#ends.add(endsAtMs, id);
    const open = { id, version: 1, openedAt: atMs, teams };
    this.#keep(region === undefined ? open : { ...open, region });
  }

  /** Puts those who join into their match. */
  join(proposal: Proposal): void {
    const { id } = proposal;
    const { open } = this.#drop(id) ?? {};
    if (!open) throw new Error(`matching joined ${id}, which isn't open`);
    const joiners = seated(proposal);
    const joined = open.teams.map((team, index): OpenTeam => {
      const { tickets = [], roles = [] } = joiners[index] ?? {};
      const players = tickets.reduce((sum, ticket) => sum + ticket.players.length, 0);
      const all = [...(team.roles ?? []), ...roles];
      return {
        ...team,
        open: team.open - players,
        tickets: [...team.tickets, ...tickets],
        ...(all.length > 0 && { roles: all }),
      };
    });
    if (joined.some((team) => team.open > 0)) this.#keep({ ...open, version: open.version + 1, teams: joined });
  }

  /** The nearest to `centre` within the range that aren't over yet. */
  near(range: { low: number; high: number; centre: number }, atMs: number): OpenMatch[] {
    for (const id of this.#ends.take(atMs)) this.#drop(id);
    return this.#byElo.near({ ...range, limit: MAX_NEAR }).map(({ open }) => open);
  }

  #keep(open: OpenMatch): void {
    const elo = ticketElo(open.teams.flatMap(({ tickets }) => tickets));
    const entry = { elo, order: this.#added++, open };
    this.#byElo.add(entry);
    this.#byId.set(open.id, entry);
  }

  #drop(id: string): Entry | undefined {
    const entry = this.#byId.get(id);
    if (entry) this.#byElo.remove(entry);
    this.#byId.delete(id);
    return entry;
  }
}

const seated = (proposal: Proposal): OpenTeam[] => {
  const waiting = waitingOf(proposal);
  return proposal.teams.map(({ name, tickets, roles, open = 0 }) => ({
    ...{ name, open, tickets: waiting.filter((_, place) => tickets.includes(place)) },
    ...(roles && { roles: [...roles] }),
  }));
};
