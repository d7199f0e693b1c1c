import type {
  BackfillRequest,
  BatchAnswer,
  BatchResult,
  CancelAnswer,
  ExplainAnswer,
  Match,
  NewTicketRequest,
  PlayerAnswer,
  QueueAnswer,
  QueuesAnswer,
  Random,
  RatingsAnswer,
  Ticket,
  TicketChange,
} from "@muster/core";
import type { Credential } from "./credential.ts";
import type { Listener } from "./events.ts";
import { type CallOptions, type Fetch, Http } from "./http.ts";
import { type RealmEvents, RealmSocket } from "./realm-socket.ts";
import type { WebSocketClass } from "./repairing-socket.ts";

export interface RealmClientOptions {
  /** Where Muster is: `http://127.0.0.1:8080`. */
  url: string;
  /** The realm's key, where Muster has keys. */
  apiKey?: Credential | undefined;
  fetch?: Fetch;
  WebSocket?: WebSocketClass;
  /** Chance for the jitter of back-offs. */
  random?: Random;
  /** Makes idempotency keys. */
  newKey?: () => string;
  /** Time limit of a call, retries and all. 10 s unless given. */
  timeoutMs?: number;
  /** Attempts of a call in all. 4 unless given. */
  attempts?: number;
}

export interface EnqueueOptions extends CallOptions {
  /** Give one to make a repetition of your own safe too, as after a restart. Otherwise each call makes its own. */
  idempotencyKey?: string | undefined;
}

export interface EndOptions extends CallOptions {
  /** Place by team, all of them: 1 for the best; equal places are a draw. In queues with ratings they decide. */
  places?: Record<string, number> | undefined;
}

/** The most tickets that one batch may hold. */
export const BATCH_MAX = 500;

/**
 * A game realm's view of Muster: puts players into queues and watches what becomes of them.
 *
 * Every call throws MusterApiError (Muster said no), MusterConnectionError (no answer) or the reason of its aborted
 * signal. Calls that may succeed later (429, 503, no connection) are repeated until the call's time limit.
 */
export class RealmClient {
  readonly #http: Http;
  readonly #socket: RealmSocket;
  readonly #newKey: () => string;

  /** @throws TypeError when the URL is none */
  constructor(options: RealmClientOptions) {
    const url = new URL(options.url).href;
    const random = options.random ?? { next: () => Math.random() };
    const timeoutMs = options.timeoutMs ?? 10_000;
    this.#newKey = options.newKey ?? randomKey;
    const credential = options.apiKey;
    this.#http = new Http({
      url,
      fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
      random,
      timeoutMs,
      attempts: options.attempts ?? 4,
      credential,
    });
    const WebSocket = options.WebSocket ?? globalThis.WebSocket;
    this.#socket = new RealmSocket({ url, WebSocket, credential, random, timeoutMs });
  }

  /** Puts a player or a party into a queue. Repeats itself safely: all attempts carry one idempotency key. */
  enqueue(queue: string, request: NewTicketRequest, options: EnqueueOptions = {}): Promise<Ticket> {
    return this.#http.call("POST", `/v1/queues/${encodeURIComponent(queue)}/tickets`, {
      ...options,
      body: request,
      idempotencyKey: options.idempotencyKey ?? this.#newKey(),
    });
  }

  /**
   * Puts up to 500 tickets into a queue with one call. Each is accepted or refused on its own.
   *
   * @returns one result per request, in their order
   */
  async enqueueBatch(
    queue: string,
    requests: readonly NewTicketRequest[],
    options: EnqueueOptions = {},
  ): Promise<BatchResult[]> {
    const path = `/v1/queues/${encodeURIComponent(queue)}/tickets/batch`;
    const { results } = await this.#http.call<BatchAnswer>("POST", path, {
      ...options,
      body: { tickets: requests },
      idempotencyKey: options.idempotencyKey ?? this.#newKey(),
    });
    return results;
  }

  getTicket(id: string, options?: CallOptions): Promise<Ticket> {
    return this.#http.call("GET", `/v1/tickets/${encodeURIComponent(id)}`, options);
  }

  /**
   * Gives a waiting ticket other parameters; what is absent stays. A repetition after a lost answer may throw
   * VERSION_CONFLICT: the ticket in its problem tells whether the change is in.
   */
  change(id: string, change: TicketChange, options?: CallOptions): Promise<Ticket> {
    return this.#http.call("PATCH", `/v1/tickets/${encodeURIComponent(id)}`, { ...options, body: change });
  }

  /** Takes a ticket out of its queue, or learns that it was matched or had expired first. */
  cancelTicket(id: string, options?: CallOptions): Promise<CancelAnswer> {
    return this.#http.call("DELETE", `/v1/tickets/${encodeURIComponent(id)}`, options);
  }

  /** Why a ticket is not matched yet. */
  explainTicket(id: string, options?: CallOptions): Promise<ExplainAnswer> {
    return this.#http.call("GET", `/v1/tickets/${encodeURIComponent(id)}/explain`, options);
  }

  getPlayer(id: string, options?: CallOptions): Promise<PlayerAnswer> {
    return this.#http.call("GET", `/v1/players/${encodeURIComponent(id)}`, options);
  }

  /** A player's ratings, by queue, where Muster keeps them. */
  ratings(player: string, options?: CallOptions): Promise<RatingsAnswer> {
    return this.#http.call("GET", `/v1/players/${encodeURIComponent(player)}/ratings`, options);
  }

  getMatch(id: string, options?: CallOptions): Promise<Match> {
    return this.#http.call("GET", `/v1/matches/${encodeURIComponent(id)}`, options);
  }

  /**
   * Ends a match: its players are idle again. How it went, by scores, places or both, is taken once, also when the match
   * has ended by itself.
   */
  endMatch(id: string, scores?: Record<string, number>, { places, ...options }: EndOptions = {}): Promise<Match> {
    const body = { ...(scores && { scores }), ...(places && { places }) };
    return this.#http.call("POST", `/v1/matches/${encodeURIComponent(id)}/end`, { ...options, body });
  }

  /** A player accepts a match in its ready check; with the last one the match is formed. */
  acceptMatch(id: string, player: string, options?: CallOptions): Promise<Match> {
    return this.#inMatch(id, "accept", player, options);
  }

  /** A player declines it: the match dissolves. */
  declineMatch(id: string, player: string, options?: CallOptions): Promise<Match> {
    return this.#inMatch(id, "decline", player, options);
  }

  /** A player arrives at its match. */
  joinMatch(id: string, player: string, options?: CallOptions): Promise<Match> {
    return this.#inMatch(id, "join", player, options);
  }

  /** A player leaves its match, or stops watching one: it is idle at once. */
  leaveMatch(id: string, player: string, options?: CallOptions): Promise<Match> {
    return this.#inMatch(id, "leave", player, options);
  }

  /** An idle player watches a match, and can't queue meanwhile. */
  spectateMatch(id: string, player: string, options?: CallOptions): Promise<Match> {
    return this.#inMatch(id, "spectate", player, options);
  }

  /**
   * Looks for players for a match that runs. Those it lost are idle at once; repeating a request changes nothing.
   *
   * @returns the match with its open places
   */
  requestBackfill(id: string, request: BackfillRequest, options?: CallOptions): Promise<Match> {
    return this.#http.call("POST", `/v1/matches/${encodeURIComponent(id)}/backfill`, { ...options, body: request });
  }

  /** Takes in nobody more. */
  closeBackfill(id: string, options?: CallOptions): Promise<Match> {
    return this.#http.call("DELETE", `/v1/matches/${encodeURIComponent(id)}/backfill`, options);
  }

  async queues(options?: CallOptions): Promise<QueueAnswer[]> {
    const { queues } = await this.#http.call<QueuesAnswer>("GET", "/v1/queues", options);
    return queues;
  }

  queue(name: string, options?: CallOptions): Promise<QueueAnswer> {
    return this.#http.call("GET", `/v1/queues/${encodeURIComponent(name)}`, options);
  }

  /** Opens the watching connection. Resolves when it is open; afterwards it repairs itself until `close()`. */
  connect(): Promise<void> {
    return this.#socket.connect();
  }

  /** Watches players: each one's state now and after every change comes as a "state" event, newer ones only. */
  watch(players: Iterable<string>): void {
    this.#socket.watch(players);
  }

  unwatch(players: Iterable<string>): void {
    this.#socket.unwatch(players);
  }

  /** Vouches for players: when this connection ends, they are away, and are not matched until they are back. */
  hold(players: Iterable<string>): void {
    this.#socket.hold(players);
  }

  /** Says that they are away. */
  release(players: Iterable<string>): void {
    this.#socket.release(players);
  }

  /** @returns what removes the listener again */
  on<Name extends keyof RealmEvents>(name: Name, listener: Listener<RealmEvents[Name]>): () => void {
    return this.#socket.on(name, listener);
  }

  close(): Promise<void> {
    return this.#socket.close();
  }

  #inMatch(id: string, what: string, player: string, options?: CallOptions): Promise<Match> {
    return this.#http.call("POST", `/v1/matches/${encodeURIComponent(id)}/${what}`, { ...options, body: { player } });
  }
}

/** 128 bits of chance. Not `crypto.randomUUID`: browsers keep that from pages that come over plain http. */
const randomKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
