import type { MatchPlayer, MatchTeam } from "./match.ts";
import type { WaitingTicket } from "./search.ts";

/**
 * Tickets assigned to teams, not yet committed: a new match, or players who join one that runs. The id becomes, or is,
 * the match's id, so a repeated commit is recognised.
 */
export interface Proposal {
  id: string;
  queue: string;
  /** Those that go in, as they wait: a commit made from another version of one fails, and it watches all their players. */
  tickets: readonly WaitingTicket[];
  /** All teams of the queue, in its order. Of a join: only who is new. */
  teams: readonly ProposedTeam[];
  /** Of a join: the version of the match that it was made from. Absent: a new match. */
  join?: { version: number };
  /** Largest difference between two teams' mean elo; of a join, with the new players. */
  eloGap: number;
  /** From 0 to 1; see `quality` in matching. */
  quality: number;
  /** Where the match is placed; only where the queue uses regions. */
  region?: string;
  /**
   * When the match stays open, the effective tries of each ticket, now or, of a join, as of when the match opened: who
   * joins later is held against the tickets with these (see `waitingOf`).
   */
  effectiveTries?: readonly number[];
}

/** Who is in a team: whole tickets, so the players need not be named again. */
export interface ProposedTeam {
  readonly name: string;
  /** The places of its tickets in the proposal's list. */
  readonly tickets: readonly number[];
  /** A role for each player, ticket by ticket; only where the queue has roles. */
  readonly roles?: readonly string[];
  /** Places that waiting tickets may still take. Absent: none. */
  readonly open?: number;
}

/** The teams of every new match of two solo players: one constant, for they are proposed by the ten thousands. */
export const DUEL_TEAMS: readonly ProposedTeam[] = Object.freeze([
  Object.freeze({ name: "1", tickets: Object.freeze([0]) }),
  Object.freeze({ name: "2", tickets: Object.freeze([1]) }),
]);

/** The teams of a proposal as they stand in its match; of a join, those who are new in them. */
export const teamsOf = ({ tickets, teams }: Pick<Proposal, "tickets" | "teams">): MatchTeam[] =>
  teams.map(({ name, tickets: places, roles, open }) => {
    const players: MatchPlayer[] = [];
    for (const place of places) {
      const ticket = tickets[place];
      for (const { id, elo } of ticket?.players ?? []) {
        const role = roles?.[players.length];
        const player = { id, elo, ticket: ticket?.id ?? "" };
        players.push(role === undefined ? player : { ...player, role });
      }
    }
    return open === undefined ? { name, players } : { name, players, open };
  });

/** The tickets as a search for joiners sees them; none when the match takes in nobody. */
export const waitingOf = ({
  tickets,
  effectiveTries,
}: Pick<Proposal, "tickets" | "effectiveTries">): WaitingTicket[] =>
  effectiveTries ? tickets.map((ticket, index) => ({ ...ticket, tries: effectiveTries[index] ?? ticket.tries })) : [];
