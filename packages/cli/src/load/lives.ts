import { isOpen, isOver, type Life, newLife, type Outcome } from "./life.ts";
import type { Competitor, MatchBook } from "./match-book.ts";
import type { Violations } from "./violations.ts";

export interface LiveCounts extends Record<Outcome, number> {
  enqueued: number;
  /** Without an outcome so far. */
  waiting: number;
  duplicates: number;
  invalid: number;
  /** Matched, but the match was over before its `inmatch` state was seen (as across a reconnect). */
  unseen: number;
  /** Refused enqueues by the problem's code. */
  refused: Record<string, number>;
}

export interface FinalCounts extends LiveCounts {
  /** Still in the queue, as the tickets' records say. */
  waiting: number;
  lost: number;
  /** Accepted or not? No answer came, and nothing was found out. */
  unanswered: number;
}

/**
 * All lives by player and by ticket, the steps they can take, and their counts. The ledger says when each step is taken.
 * Of a player that comes again only the newest life is kept: the one before was over and is counted.
 */
export class Lives {
  readonly #matches: MatchBook;
  readonly #violations: Violations;
  readonly #byPlayer = new Map<string, Life>();
  readonly #byTicket = new Map<string, Life>();
  /** The match that a player was last seen in and not seen leaving. */
  readonly #inMatch = new Map<string, string>();
  readonly #outcomes: Record<Outcome, number> = { matched: 0, cancelled: 0, expired: 0 };
  readonly #refused: Record<string, number> = {};
  #enqueued = 0;
  #unseen = 0;

  constructor(matches: MatchBook, violations: Violations) {
    this.#matches = matches;
    this.#violations = violations;
  }

  /** Whether a player of that id is in nothing, as far as was seen. True for one that never was sent. */
  isFree(player: string): boolean {
    const life = this.#byPlayer.get(player);
    return !life || isOver(life);
  }

  /** Undefined for a player that was never sent. */
  ofPlayer(player: string): Life | undefined {
    return this.#byPlayer.get(player);
  }

  /** Undefined for a ticket that isn't known, or whose player has come again since. */
  ofTicket(ticket: string): Life | undefined {
    return this.#byTicket.get(ticket);
  }

  start(competitor: Competitor): void {
    const previous = this.#byPlayer.get(competitor.id);
    if (previous?.ticket) this.#byTicket.delete(previous.ticket);
    this.#byPlayer.set(competitor.id, newLife(competitor, previous));
  }

  /** The ticket's id is known. @returns false when it can't be: there is another one, or it is that of the life before */
  bind(life: Life, ticket: string): boolean {
    if (life.ticket === ticket) return true;
    if (life.ticket !== undefined || ticket === life.previousTicket) return false;
    life.ticket = ticket;
    this.#byTicket.set(ticket, life);
    if (life.enqueue === "unknown") this.accept(life, ticket);
    if (life.enqueue === "refused") {
      this.#violations.wrong(`${life.competitor.id} was refused, but seen with ticket ${ticket}`);
    }
    return true;
  }

  accept(life: Life, ticket: string): void {
    if (!this.bind(life, ticket)) {
      this.#violations.wrong(`${life.competitor.id} was answered ticket ${ticket}, but seen with ${life.ticket}`);
    }
    if (life.enqueue === "accepted") return;
    life.enqueue = "accepted";
    this.#enqueued += 1;
    this.#count(life);
  }

  refuse(life: Life, code: string): void {
    life.enqueue = "refused";
    this.#refused[code] = (this.#refused[code] ?? 0) + 1;
    if (life.ticket !== undefined) {
      this.#violations.wrong(`${life.competitor.id} was refused (${code}), but seen with ticket ${life.ticket}`);
    }
  }

  /** @param source what says so, in words */
  conclude(life: Life, outcome: Outcome, source: string): void {
    const { ticket, competitor } = life;
    if (life.outcome !== undefined && life.outcome !== outcome) {
      this.#violations.wrong(`ticket ${ticket} of ${competitor.id} was ${life.outcome}, but ${source} says ${outcome}`);
    }
    life.outcome ??= outcome;
    this.#count(life);
  }

  /** Matched, but that was never seen and is over. */
  concludeUnseen(life: Life): void {
    this.#unseen += 1;
    this.conclude(life, "matched", "its record");
  }

  /** Something says that the life's ticket went into that match. */
  placeIn(life: Life, match: string): void {
    if (life.match !== undefined && life.match !== match) this.#inTwo(life.competitor.id, life.match, match);
    life.match ??= match;
  }

  /** The player was seen in the match. @param life the one whose ticket it has there; undefined for another ticket */
  enter(player: string, match: string, life: Life | undefined): void {
    const standing = this.#inMatch.get(player);
    if (standing !== undefined && standing !== match) this.#inTwo(player, standing, match);
    else if (life) this.placeIn(life, match);
    this.#inMatch.set(player, match);
  }

  /** The player was seen idle. */
  leave(player: string): void {
    const match = this.#inMatch.get(player);
    this.#inMatch.delete(player);
    if (match !== undefined) this.#matches.leave(match, player);
  }

  /** Players of whose enqueue no answer came: read them. */
  unanswered(): string[] {
    return [...this.#byPlayer].filter(([, life]) => life.enqueue === "unknown").map(([player]) => player);
  }

  /** Accepted tickets without an outcome that are not known to wait: read their records. */
  unsettled(): string[] {
    return this.#tickets((life) => isOpen(life) && !life.readAsWaiting);
  }

  /** Tickets whose records say that they still wait. */
  stillWaiting(): string[] {
    return this.#tickets((life) => isOpen(life) && life.readAsWaiting);
  }

  /** Tickets whose player must still be told what became of it; at the end there must be none. */
  untold(): string[] {
    return this.#tickets((life) => !this.#isTold(life));
  }

  counts(): LiveCounts {
    const { matched, cancelled, expired } = this.#outcomes;
    return {
      enqueued: this.#enqueued,
      ...this.#outcomes,
      waiting: this.#enqueued - matched - cancelled - expired,
      duplicates: this.#violations.duplicates,
      invalid: this.#violations.invalid,
      unseen: this.#unseen,
      refused: { ...this.#refused },
    };
  }

  /** Counts once nothing more is expected. What was not told by then counts as invalid. */
  close(): FinalCounts {
    for (const ticket of this.unsettled()) {
      const life = this.#byTicket.get(ticket);
      this.#violations.example(`lost: ticket ${ticket} of ${life?.competitor.id}, last seen ${life?.seen ?? "never"}`);
    }
    for (const ticket of this.untold()) {
      const life = this.#byTicket.get(ticket);
      const what = `what became of ticket ${ticket} (${life?.outcome})`;
      this.#violations.wrong(`${life?.competitor.id} was never told ${what}`);
    }
    return {
      ...this.counts(),
      waiting: this.stillWaiting().length,
      lost: this.unsettled().length,
      unanswered: this.unanswered().length,
    };
  }

  #tickets(matches: (life: Life) => boolean): string[] {
    return [...this.#byTicket].filter(([, life]) => matches(life)).map(([ticket]) => ticket);
  }

  #inTwo(player: string, one: string, other: string): void {
    if (this.#matches.isOver(one)) {
      this.#violations.wrong(`${player} went from match ${one} into ${other} without a new ticket`);
    } else {
      this.#violations.duplicate(`${player} is in match ${one} and in match ${other}`);
    }
  }

  #count(life: Life): void {
    if (life.counted || life.enqueue !== "accepted" || !life.outcome) return;
    life.counted = true;
    this.#outcomes[life.outcome] += 1;
  }

  #isTold(life: Life): boolean {
    if (life.outcome === undefined || life.seen === "idle") return true;
    if (life.outcome !== "matched") return false;
    return life.toldOfMatch && (life.match === undefined || !this.#matches.hasEnded(life.match));
  }
}
