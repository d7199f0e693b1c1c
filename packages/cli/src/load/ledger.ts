import type { BusyPlayer, Match, QueueDefinition, StateFrame, Ticket } from "@muster/core";
import type { Life, Outcome } from "./life.ts";
import { Lives } from "./lives.ts";
import { type Competitor, MatchBook } from "./match-book.ts";
import { Samples } from "./samples.ts";
import { Violations } from "./violations.ts";

/** What a frame gives cause to do. */
export interface News {
  /** A match was seen for the first time. */
  matchBegan?: string;
  /** A ticket ended without a cancel of ours: read it to learn how. */
  endedAlone?: string;
}

/**
 * What a realm knows of its tickets, from what it sent, what it was answered and what it saw on the socket; and which
 * of that can't be true at the same time.
 *
 * An enqueue is `sent`, and then `accepted` (its ticket's id is known), `refused`, or `unknown` when no answer came; an
 * unknown one that is seen in the queue, or whose player is read with a ticket, counts as accepted. An accepted ticket
 * gets one outcome:
 * - `matched`: an `inmatch` state was seen; or a cancel was answered with "matched"; or the match began and ended
 *   unseen, and the ticket's record says so.
 * - `cancelled`: the answer to our cancel, or, when that answer was lost, the ticket's record.
 * - `expired`: the ticket's record says so, after the player became idle without a cancel, or at the end.
 * Without an outcome at the end it is `waiting` when its record says so, else `lost`: its realm would never learn more.
 *
 * A second, different outcome is `invalid`, as is a match with too many players, a match record that tells otherwise
 * than the states, a version that falls, and a player whose last seen state isn't what its outcome calls for. A player
 * seen in two matches that both go on is a `duplicate`.
 *
 * States come by another connection than answers, so each may be first. All times are ms since the epoch.
 */
export class Ledger {
  readonly waitMs = new Samples();
  readonly notifyMs = new Samples();
  readonly matches: MatchBook;
  readonly violations = new Violations();
  readonly lives: Lives;
  /** Notifications that seem to come before what they tell of: the clocks of store and realm differ. */
  notifiedBeforeMs = 0;

  constructor(queue: Pick<QueueDefinition, "teams">) {
    this.matches = new MatchBook(queue);
    this.lives = new Lives(this.matches, this.violations);
  }

  /** An enqueue is about to be sent. The player must be free. */
  sent(competitor: Competitor): void {
    this.lives.start(competitor);
  }

  accepted(player: string, ticket: string, at: number): void {
    const life = this.#sentLife(player);
    life.acceptedAt = at;
    this.lives.accept(life, ticket);
    if (life.toldOfMatch) this.waitMs.add(0);
  }

  /** A refusal because the player is busy with a ticket of its own id means that an earlier attempt had been accepted. */
  refused(player: string, problem: { code: string; players?: BusyPlayer[] }): void {
    const life = this.#sentLife(player);
    const ticket = problem.players?.find(({ id }) => id === player)?.ticket ?? life.ticket;
    const isOurs = problem.code === "PLAYER_BUSY" && ticket !== life.previousTicket;
    if (isOurs && ticket !== undefined) this.lives.accept(life, ticket);
    else this.lives.refuse(life, problem.code);
  }

  /** No answer came, or one that leaves open what was done. */
  unknown(player: string): void {
    const life = this.#sentLife(player);
    life.enqueue = "unknown";
    if (life.ticket !== undefined) this.lives.accept(life, life.ticket);
  }

  /** @param ticket the one it is in, or was in last */
  playerRead(player: string, ticket: string | undefined): void {
    const life = this.lives.ofPlayer(player);
    if (life?.enqueue === "unknown" && ticket !== undefined) this.lives.bind(life, ticket);
  }

  frame(frame: StateFrame, at: number): News {
    const { player, state, ticket, match } = frame;
    const life = this.lives.ofPlayer(player);
    if (!life) return {};
    // Idle in the ticket before, or in none yet: from before this enqueue, whenever it arrives.
    const isEarlier = state === "idle" && !life.seen && (ticket ?? life.previousTicket) === life.previousTicket;
    if (isEarlier) return {};
    if (ticket !== undefined && !this.lives.bind(life, ticket)) {
      this.violations.wrong(
        `${player} is ${state} with ticket ${ticket}, but its ticket is ${life.ticket ?? "unknown"}`,
      );
      if (match !== undefined && state === "inmatch") this.lives.enter(player, match, undefined);
      return {};
    }
    life.seen = state;
    if (state === "inmatch") return this.#seenInMatch(life, frame, at);
    if (state === "idle") return this.#seenIdle(life);
    return {};
  }

  /** A frame with a version lower than one before. */
  stale(frame: StateFrame): void {
    this.violations.wrong(`${frame.player} went back to version ${frame.version} (${frame.state})`);
  }

  /** @returns false when there is nothing to cancel any more */
  cancelAsked(ticket: string): boolean {
    const life = this.lives.ofTicket(ticket);
    if (life?.cancel !== "none" || life.seen === "idle" || life.outcome === "expired") return false;
    life.cancel = "asked";
    return true;
  }

  /** @param match the one that it went into, when it was matched */
  cancelAnswered(ticket: string, outcome: Outcome, match?: string): void {
    const life = this.lives.ofTicket(ticket);
    if (!life) return;
    life.cancel = "answered";
    this.lives.conclude(life, outcome, "the answer to its cancel");
    if (outcome === "matched" && match !== undefined) this.lives.placeIn(life, match);
  }

  /** Its outcome is open: the ticket's record will tell. */
  cancelUnanswered(ticket: string): void {
    const life = this.lives.ofTicket(ticket);
    if (life) life.cancel = "unknown";
  }

  /** @param record null when there is none */
  ticketRead(id: string, record: Pick<Ticket, "status" | "match"> | null): void {
    const life = this.lives.ofTicket(id);
    if (!life || life.outcome) return;
    // A record that was read before the player became idle says nothing any more.
    life.readAsWaiting = record?.status === "queued" && life.seen !== "idle";
    if (record?.match !== undefined) this.lives.placeIn(life, record.match);
    if (record?.status === "cancelled" && life.cancel === "none") {
      this.violations.wrong(`ticket ${id} was cancelled by nobody`);
    }
    if (record?.status === "cancelled" || record?.status === "expired") {
      this.lives.conclude(life, record.status, "its record");
    }
    // As long as the player wasn't told of its match, its realm doesn't know of it.
    if (record?.status === "matched" && life.seen === "idle") this.lives.concludeUnseen(life);
  }

  endAsked(match: string): void {
    this.matches.endAsked(match);
  }

  /** A match's record after its end. */
  ended(match: Match): void {
    if (match.state !== "ended") this.violations.wrong(`match ${match.id} is ${match.state} after its end`);
    this.#compare(match, this.seenIn(match.id));
    this.matches.endAnswered(match.id);
  }

  endRefused(match: string, reason: string): void {
    this.violations.wrong(`match ${match} was announced, but its end was refused: ${reason}`);
    this.matches.endAnswered(match);
  }

  /** Who was seen in a match so far: all whom a record must list that is asked for now. */
  seenIn(match: string): ReadonlySet<string> {
    return new Set(this.matches.competitorsOf(match).map(({ id }) => id));
  }

  /** @param seen in it when its record was asked for: others may have joined since */
  matchRead(match: Match, seen: ReadonlySet<string>): void {
    this.#compare(match, seen);
    this.matches.addEloGapOf(match);
  }

  #sentLife(player: string): Life {
    const life = this.lives.ofPlayer(player);
    if (!life) throw new Error(`${player} was never sent`);
    return life;
  }

  #seenInMatch(life: Life, { player, match, at: changedAt }: StateFrame, at: number): News {
    if (match === undefined) {
      this.violations.wrong(`${player} is in a match without an id`);
      return {};
    }
    this.lives.enter(player, match, life);
    this.lives.conclude(life, "matched", "its state");
    if (life.toldOfMatch) return {};
    life.toldOfMatch = true;
    if (life.acceptedAt !== undefined) this.waitMs.add(Math.max(0, at - life.acceptedAt));
    this.notifiedBeforeMs = Math.max(this.notifiedBeforeMs, changedAt - at);
    this.notifyMs.add(Math.max(0, at - changedAt));
    const arrival = this.matches.join(match, life.competitor);
    if (arrival === "tooMany") this.violations.wrong(`match ${match} holds more players than its queue allows`);
    return arrival === "new" ? { matchBegan: match } : {};
  }

  #seenIdle(life: Life): News {
    // Whatever its record said, it was before this.
    life.readAsWaiting = false;
    this.lives.leave(life.competitor.id);
    const alone = life.outcome === undefined && life.cancel !== "asked";
    return alone && life.ticket !== undefined ? { endedAlone: life.ticket } : {};
  }

  /** A match record's players must be in no other match, and all who were seen in it before must be among them. */
  #compare({ id, teams }: Match, seen: ReadonlySet<string>): void {
    const roster = teams.flatMap((team) => team.players);
    for (const { ticket } of roster) {
      const life = this.lives.ofTicket(ticket);
      if (!life) continue;
      this.lives.placeIn(life, id);
      if (life.outcome !== undefined && life.outcome !== "matched") {
        this.violations.wrong(`match ${id} lists ticket ${ticket}, which was ${life.outcome}`);
      }
    }
    const listed = new Set(roster.map((player) => player.id));
    for (const player of seen) {
      if (!listed.has(player)) this.violations.wrong(`${player} was seen in match ${id}, which doesn't list it`);
    }
  }
}
