import type {
  CancelAnswer,
  Match,
  NewTicketRequest,
  PlayerAnswer,
  PlayReply,
  PlayRequest,
  Problem,
  Random,
  StateFrame,
  Ticket,
  TicketChange,
} from "@muster/core";
import type { Credential } from "./credential.ts";
import { deferred } from "./deferred.ts";
import { MusterApiError, MusterConnectionError, MusterFrameError } from "./errors.ts";
import { Emitter, type Listener } from "./events.ts";
import { HeldPlayers } from "./held-players.ts";
import { type Closed, RepairingSocket, type Retry, type WebSocketClass } from "./repairing-socket.ts";

export interface PlayerClientOptions {
  /** Where Muster is: `http://127.0.0.1:8080`. */
  url: string;
  /** Who plays. */
  player: string;
  /** The newest version that an earlier client of this player was told: nothing older comes, but 0 of who is forgotten. */
  version?: number;
  /** The player's token, where Muster has keys; or what gives a fresh one, since tokens end soon. */
  token?: Credential | undefined;
  WebSocket?: WebSocketClass;
  /** Chance for the jitter of back-offs. */
  random?: Random;
  /** Time limit of opening a connection, and of a call. 10 s unless given. */
  timeoutMs?: number;
}

export interface PlayerEvents {
  /** Where the player is and what it was last queued with, once for each connection. */
  hello: PlayerAnswer;
  /** The player's state changed. */
  state: StateFrame;
  /** Muster sent what can't be read, or refused a frame that nobody waits for. The connection goes on. */
  error: MusterFrameError;
  open: { reconnected: boolean };
  close: Closed;
  /** A try to come back failed, and another one follows. */
  retry: Retry;
}

/** Omits from each member of a union by itself. */
type OmitEach<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never;

interface Waiting {
  resolve: (body: unknown) => void;
  reject: (error: unknown) => void;
  timer: ReturnType<typeof setTimeout>;
}

/** A newer connection of the same player took this one's place (CLOSE_REPLACED of the API). */
const REPLACED = 4001;

/**
 * A player's own connection to Muster, for a game's client: as long as it is open, the player counts as present. A lost
 * connection is repaired by itself, and a ticket then is in its old place; but a connection that a newer one of the
 * same player has replaced stays closed.
 *
 * Every call throws MusterApiError (Muster said no), MusterFrameError (the frame was refused) or MusterConnectionError
 * (no answer; it may have been carried out all the same, and the state will tell).
 */
export class PlayerClient {
  readonly #socket: RepairingSocket;
  readonly #timeoutMs: number;
  readonly #players = new HeldPlayers();
  readonly #events = new Emitter<PlayerEvents>();
  readonly #waiting = new Map<string, Waiting>();
  #calls = 0;
  /** The newest that was told; 0: none. */
  #version: number;

  /** @throws TypeError when the URL is none */
  constructor(options: PlayerClientOptions) {
    const url = new URL(options.url).href.replace(/\/+$/, "").replace(/^http/, "ws");
    this.#timeoutMs = options.timeoutMs ?? 10_000;
    this.#version = options.version ?? 0;
    this.#players.add([options.player]);
    this.#socket = new RepairingSocket({
      url: () => {
        const seen = this.#version > 0 ? `&version=${this.#version}` : "";
        return `${url}/v1/play?player=${encodeURIComponent(options.player)}${seen}`;
      },
      WebSocket: options.WebSocket ?? globalThis.WebSocket,
      credential: options.token,
      random: options.random ?? { next: () => Math.random() },
      timeoutMs: this.#timeoutMs,
      onOpen: (reconnected) => {
        this.#players.newConnection();
        this.#events.emit("open", { reconnected });
      },
      onMessage: (data) => this.#received(data),
      ping: { op: "ping" } satisfies PlayRequest,
      onClose: (closed) => this.#closed(closed),
      onRetry: (retry) => this.#events.emit("retry", retry),
      isFinal: (code) => code === REPLACED,
    });
  }

  /** Resolves when the connection is open. @throws MusterConnectionError when the first attempt fails */
  connect(): Promise<void> {
    return this.#socket.connect();
  }

  close(): Promise<void> {
    return this.#socket.close();
  }

  /** @returns what removes the listener again */
  on<Name extends keyof PlayerEvents>(name: Name, listener: Listener<PlayerEvents[Name]>): () => void {
    return this.#events.on(name, listener);
  }

  onHello(listener: Listener<PlayerAnswer>): () => void {
    return this.on("hello", listener);
  }

  onState(listener: Listener<StateFrame>): () => void {
    return this.on("state", listener);
  }

  /** @param options replace: cancels the ticket that the player waits in, first */
  queue(queue: string, ticket: NewTicketRequest, options: { replace?: boolean } = {}): Promise<Ticket> {
    return this.#call({ op: "queue", queue, ticket, ...(options.replace && { replace: true }) });
  }

  change(ticket: string, change: TicketChange): Promise<Ticket> {
    return this.#call({ op: "change", ticket, ...change });
  }

  cancel(ticket: string): Promise<CancelAnswer> {
    return this.#call({ op: "cancel", ticket });
  }

  accept(match: string): Promise<Match> {
    return this.#call({ op: "accept", match });
  }

  decline(match: string): Promise<Match> {
    return this.#call({ op: "decline", match });
  }

  join(match: string): Promise<Match> {
    return this.#call({ op: "join", match });
  }

  /** Leaves a match, or stops watching it. */
  leave(match: string): Promise<Match> {
    return this.#call({ op: "leave", match });
  }

  /** Watches a match of others; meanwhile the player can't queue. */
  spectate(match: string): Promise<Match> {
    return this.#call({ op: "spectate", match });
  }

  #call<Answer>(request: OmitEach<PlayRequest, "id">): Promise<Answer> {
    if (!this.#socket.isOpen) {
      return Promise.reject(new MusterConnectionError("unreachable", "The connection to Muster is not open right now"));
    }
    const { promise, resolve, reject } = deferred<Answer>();
    const id = String(++this.#calls);
    const timer = setTimeout(() => {
      this.#waiting.delete(id);
      reject(new MusterConnectionError("timeout", `Muster gave no answer within ${this.#timeoutMs} ms`));
    }, this.#timeoutMs);
    // The API's contract is that a success is the JSON of its schema; checking it again would double the work.
    this.#waiting.set(id, { resolve: (body) => resolve(body as Answer), reject, timer });
    this.#socket.send({ ...request, id });
    return promise;
  }

  #take(id: string | undefined): Waiting | undefined {
    const waiting = this.#waiting.get(id ?? "");
    if (!waiting) return undefined;
    clearTimeout(waiting.timer);
    this.#waiting.delete(id ?? "");
    return waiting;
  }

  #closed(closed: Closed): void {
    for (const id of [...this.#waiting.keys()]) {
      this.#take(id)?.reject(
        new MusterConnectionError("unreachable", "The connection was lost before the answer came; look at the state"),
      );
    }
    this.#events.emit("close", closed);
  }

  #received(data: unknown): boolean {
    const frame = parseFrame(data);
    switch (frame?.op) {
      case "hello":
        this.#version = Math.max(this.#version, frame.player.version);
        this.#events.emit("hello", frame.player);
        return true;
      case "state":
        this.#version = Math.max(this.#version, frame.version);
        if (this.#players.judge(frame) === "deliver") this.#events.emit("state", frame);
        return true;
      case "pong":
        return true;
      case "answer":
        this.#answered(frame);
        return true;
      case "error": {
        const error = new MusterFrameError(frame.code, frame.message);
        const waiting = this.#take(frame.id);
        if (waiting) waiting.reject(error);
        else this.#events.emit("error", error);
        return true;
      }
      default:
        this.#events.emit("error", new MusterFrameError("UNREADABLE", "Muster sent a frame that can't be read"));
        return false;
    }
  }

  #answered({ id, status, body }: Extract<PlayReply, { op: "answer" }>): void {
    const waiting = this.#take(id);
    if (!waiting) return;
    const problem = isProblem(body) ? body : undefined;
    if (status >= 200 && status < 300) waiting.resolve(body);
    else
      waiting.reject(
        new MusterApiError(problem?.detail ?? `Muster answered ${status}`, status, { ...(problem && { problem }) }),
      );
  }
}

const isProblem = (body: unknown): body is Problem =>
  typeof body === "object" && body !== null && "code" in body && "detail" in body;

const OPS: ReadonlySet<unknown> = new Set(["hello", "state", "answer", "pong", "error"] satisfies PlayReply["op"][]);

/** Undefined for what is no frame of this API. */
const parseFrame = (data: unknown): PlayReply | undefined => {
  if (typeof data !== "string") return undefined;
  try {
    const frame: unknown = JSON.parse(data);
    const known = typeof frame === "object" && frame !== null && "op" in frame && OPS.has(frame.op);
    // The op decides the rest of the frame's shape; a full check of every frame would cost more than it can find.
    return known ? (frame as PlayReply) : undefined;
  } catch {
    return undefined;
  }
};
