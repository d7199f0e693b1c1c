import { MusterApiError, MusterConnectionError, type RealmClient } from "@muster/client";
import type { BusyPlayer, Clock, Player, Random, Ticket } from "@muster/core";
import { Gate } from "./gate.ts";
import type { Ledger } from "./ledger.ts";
import { exponential } from "./seeded-random.ts";

export interface RealmContext {
  client: RealmClient;
  ledger: Ledger;
  clock: Clock;
  /** Decides who cancels, and when. */
  random: Random;
  queue: string;
  cancelShare: number;
  matchForMs: number;
}

interface EnqueueResult {
  status: number;
  ticket?: Pick<Ticket, "id">;
  error?: { code: string; players?: BusyPlayer[] };
}

/** Batches that may be under way at once: enough for 2 s without an answer at the usual pace of one per 50 ms. */
const BATCHES_MOST = 40;
const CALLS_MOST = 64;
const CANCEL_AFTER_MEAN_MS = 1_000;
const MATCH_READS_PER_S = 50;
const LEAVE_LIMIT_MS = 15_000;

/**
 * Does what a game realm does: enqueues players, watches them, lets some change their mind, ends matches; and has the
 * ledger note all of it.
 */
export class Realm {
  reconnects = 0;
  socketErrors = 0;
  cancelsAsked = 0;
  readonly #context: RealmContext;
  readonly #batches = new Gate(BATCHES_MOST);
  readonly #calls = new Gate(CALLS_MOST);
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #stopListening: () => void;
  #defect: unknown;
  #reads = { second: 0, count: 0 };

  constructor(context: RealmContext) {
    const { client, ledger, clock } = context;
    this.#context = context;
    this.#stopListening = client.on("state", (frame) => {
      const { matchBegan, endedAlone } = ledger.frame(frame, clock.now());
      if (matchBegan !== undefined) this.#matchBegan(matchBegan);
      if (endedAlone !== undefined) this.#start(this.#calls, () => this.#readTicket(endedAlone));
    });
    client.on("stale", (frame) => ledger.stale(frame));
    client.on("open", ({ reconnected }) => {
      if (reconnected) this.reconnects += 1;
    });
    client.on("error", (error) => {
      this.socketErrors += 1;
      ledger.violations.example(`the realm socket says: ${error.code} ${error.message}`);
    });
  }

  /** Whether another batch may be sent: not too many are under way. */
  get hasRoom(): boolean {
    return this.#batches.isOpen;
  }

  /** Watches solo players that the ledger has as sent, and enqueues them with one call. */
  send(players: Player[]): void {
    this.#context.client.watch(players.map((player) => player.id));
    this.#start(this.#batches, () => this.#enqueue(players));
  }

  /** Resolves when every enqueue has its answer or has given up. */
  allAnswered(): Promise<void> {
    return this.#batches.idle();
  }

  /** Looks up the players of whom no answer came. */
  async readUnanswered(): Promise<void> {
    const { client, ledger } = this.#context;
    for (const player of ledger.lives.unanswered()) {
      this.#start(this.#calls, async () => {
        const { ticket } = await client.getPlayer(player);
        ledger.playerRead(player, ticket);
      });
    }
    await this.#calls.idle();
  }

  /** Looks up the tickets of which no outcome is known. */
  async readUnsettled(): Promise<void> {
    for (const ticket of this.#context.ledger.lives.unsettled())
      this.#start(this.#calls, () => this.#readTicket(ticket));
    await this.#calls.idle();
  }

  /** Begins no more cancels and ends; resolves when those under way have their answers. */
  async stopActing(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    await this.#calls.idle();
  }

  /** @throws what went wrong inside, if anything did: a defect, not an answer of the server's */
  throwDefect(): void {
    if (this.#defect !== undefined) throw this.#defect;
  }

  /** Takes everyone out again: cancels what waits and ends the open matches, as far as that goes within 15 s. */
  async leave(): Promise<void> {
    const { client, ledger } = this.#context;
    const signal = AbortSignal.timeout(LEAVE_LIMIT_MS);
    // What follows from here on is our doing, and no longer part of what is counted.
    this.#stopListening();
    await this.stopActing();
    const matches = new Set<string>();
    const cancel = async (ticket: string) => {
      const answer = await client.cancelTicket(ticket, { signal });
      if (answer.outcome === "matched") matches.add(answer.match.id);
    };
    for (const ticket of [...ledger.lives.stillWaiting(), ...ledger.lives.unsettled()]) {
      this.#calls.run(() => cancel(ticket)).catch(ignoreAnswer);
    }
    await this.#calls.idle();
    for (const match of ledger.matches.open()) matches.add(match);
    for (const match of matches) {
      this.#calls.run(() => client.endMatch(match, undefined, { signal })).catch(ignoreAnswer);
    }
    await this.#calls.idle();
  }

  async #enqueue(players: Player[]): Promise<void> {
    const { client, ledger, clock, queue } = this.#context;
    const requests = players.map((player) => ({ players: [player] }));
    const results: EnqueueResult[] = await client.enqueueBatch(queue, requests).catch((error: unknown) => {
      if (!isAnswer(error)) throw error;
      const status = error instanceof MusterApiError ? error.status : 0;
      return requests.map(() => ({ status, error: refusalOf(error) }));
    });
    const at = clock.now();
    players.forEach(({ id }, index) => {
      const result: EnqueueResult = results[index] ?? { status: 0 };
      if (result.ticket) {
        ledger.accepted(id, result.ticket.id, at);
        this.#perhapsCancel(result.ticket.id);
        // Only with a 4xx is it sure that nothing was done.
      } else if (result.error && result.status >= 400 && result.status < 500) ledger.refused(id, result.error);
      else ledger.unknown(id);
    });
  }

  #perhapsCancel(ticket: string): void {
    const { client, ledger, random, cancelShare } = this.#context;
    if (random.next() >= cancelShare) return;
    this.#after(exponential(CANCEL_AFTER_MEAN_MS, random), async () => {
      if (!ledger.cancelAsked(ticket)) return;
      this.cancelsAsked += 1;
      try {
        const answer = await client.cancelTicket(ticket);
        ledger.cancelAnswered(ticket, answer.outcome, answer.outcome === "matched" ? answer.match.id : undefined);
      } catch (error) {
        ledger.cancelUnanswered(ticket);
        throw error;
      }
    });
  }

  #matchBegan(match: string): void {
    const { client, ledger, matchForMs } = this.#context;
    this.#after(matchForMs, async () => {
      ledger.endAsked(match);
      try {
        ledger.ended(await client.endMatch(match));
      } catch (error) {
        if (error instanceof MusterApiError && error.status < 500) ledger.endRefused(match, error.message);
        throw error;
      }
    });
    if (ledger.matches.duel || !this.#mayReadMatch()) return;
    const seen = ledger.seenIn(match);
    this.#start(this.#calls, async () => ledger.matchRead(await client.getMatch(match), seen));
  }

  #mayReadMatch(): boolean {
    const second = Math.floor(this.#context.clock.now() / 1_000);
    if (this.#reads.second !== second) this.#reads = { second, count: 0 };
    this.#reads.count += 1;
    return this.#reads.count <= MATCH_READS_PER_S;
  }

  async #readTicket(ticket: string): Promise<void> {
    const { client, ledger } = this.#context;
    const record = await client.getTicket(ticket).catch((error: unknown) => {
      if (error instanceof MusterApiError && error.code === "TICKET_NOT_FOUND") return null;
      throw error;
    });
    ledger.ticketRead(ticket, record);
  }

  #after(delayMs: number, act: () => Promise<void>): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#start(this.#calls, act);
    }, delayMs);
    this.#timers.add(timer);
  }

  /** A missing answer leaves its mark in the ledger, or none; a defect is kept for `throwDefect`. */
  #start(gate: Gate, call: () => Promise<void>): void {
    gate.run(call).catch((error: unknown) => {
      if (!isAnswer(error)) this.#defect ??= error;
    });
  }
}

const isAnswer = (error: unknown): error is MusterApiError | MusterConnectionError =>
  error instanceof MusterApiError || error instanceof MusterConnectionError;

const ignoreAnswer = (): void => {
  // Leaving is a courtesy: what stays behind expires by itself.
};

const refusalOf = (error: MusterApiError | MusterConnectionError) =>
  error instanceof MusterApiError ? (error.problem ?? { code: `HTTP_${error.status}` }) : { code: error.reason };
