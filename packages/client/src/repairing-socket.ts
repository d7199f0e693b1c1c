import type { Random } from "@muster/core";
import { backOffMs } from "./back-off.ts";
import { type Credential, protocolsOf, readCredential } from "./credential.ts";
import { type Deferred, deferred } from "./deferred.ts";
import { MusterConnectionError, MusterCredentialError } from "./errors.ts";

/** The part of the WebSocket class that is used, so that another one can be given. */
export interface WebSocketLike {
  send(text: string): void;
  close(code?: number): void;
  addEventListener(type: "open" | "error", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { data: unknown }) => void): void;
  addEventListener(type: "close", listener: (event: { code: number; reason: string }) => void): void;
}
export type WebSocketClass = new (url: string, protocols?: string[]) => WebSocketLike;

export interface Closed {
  code: number;
  reason: string;
  willReconnect: boolean;
}

/** A try to come back failed. */
export interface Retry {
  /** Tries that failed since the connection was lost. */
  failures: number;
  /** When the next one follows, in ms. */
  inMs: number;
  /** MusterCredentialError: with a credential as before no try will succeed. */
  error: MusterConnectionError | MusterCredentialError;
}

export interface RepairingSocketOptions {
  /** `ws(s)://…` with path and query, of each attempt. */
  url: () => string;
  /** Undefined where the runtime has none. */
  WebSocket: WebSocketClass | undefined;
  credential?: Credential | undefined;
  random: Random;
  /** How long a connection may take to open, the credential included. */
  timeoutMs: number;
  /** A frame that the server answers, sent when it was silent for long. Absent: silence is not taken for a loss. */
  ping?: object;
  onOpen: (reconnected: boolean) => void;
  /** @returns whether the frame could be read: a server that sends sense needn't be spared */
  onMessage: (data: unknown) => boolean;
  onClose: (closed: Closed) => void;
  onRetry?: (retry: Retry) => void;
  /** Whether a close code means that this client is not wanted back. Absent: none does. */
  isFinal?: (code: number) => boolean;
}

const RECONNECT_BACK_OFF = { firstMs: 100, mostMs: 5_000 };
const CLOSE_LIMIT_MS = 1_000;
const NORMAL_CLOSURE = 1000;
/** The credential is over or revoked. */
const NOT_ALLOWED = 4003;
/** After so long without a frame the server is asked for one, and given up after as long again. */
const SILENCE_MS = 15_000;

/**
 * A WebSocket that repairs itself.
 *
 * `closed` until `connect()`, then `connecting`; when that first attempt fails, `connect()` rejects and it is `closed`
 * again. Once it was `open`, a lost connection is replaced: `waiting` (back-off) → `connecting` → `open`, for as long
 * as it takes. `close()` leads to `closed` from anywhere, and so does a close code that is final.
 *
 * A connection may be lost without a word, as when a cable is cut. Pings of the protocol don't show in browsers, so the
 * server is asked by a frame of the API.
 */
export class RepairingSocket {
  readonly #options: RepairingSocketOptions;
  #phase: "closed" | "connecting" | "open" | "waiting" = "closed";
  #socket: WebSocketLike | undefined;
  #opening: Deferred<void> | undefined;
  #failures = 0;
  #wasOpen = false;
  /** Muster said that it takes the credential no more, and has not opened since. */
  #refused = false;
  /** Frames came since the last look. */
  #heard = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Ends the attempt's wait for its credential. */
  #reading: AbortController | undefined;

  constructor(options: RepairingSocketOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#phase === "open";
  }

  /**
   * Resolves when the connection is open.
   *
   * @throws MusterConnectionError or MusterCredentialError when the first attempt fails; TypeError where there is no
   * WebSocket
   */
  connect(): Promise<void> {
    if (this.#phase === "open") return Promise.resolve();
    if (!this.#options.WebSocket) {
      const message =
        "This runtime has no WebSocket: give one as the option `WebSocket`, such as that of the package ws";
      return Promise.reject(new TypeError(message));
    }
    this.#opening ??= deferred<void>();
    const { promise } = this.#opening;
    if (this.#phase === "closed") this.#attempt();
    return promise;
  }

  /** Only while it is open. */
  send(frame: object): void {
    this.#socket?.send(JSON.stringify(frame));
  }

  /** Ends the connection for good (until another `connect()`). Resolves when it is closed, at the latest after 1 s. */
  close(): Promise<void> {
    const { promise, resolve } = deferred<void>();
    const socket = this.#socket;
    this.#leave(NORMAL_CLOSURE, "close() was called");
    if (!socket) return Promise.resolve();
    const limit = setTimeout(resolve, CLOSE_LIMIT_MS);
    socket.addEventListener("close", () => {
      clearTimeout(limit);
      resolve();
    });
    socket.close(NORMAL_CLOSURE);
    return promise;
  }

  #attempt(): void {
    this.#phase = "connecting";
    const { credential, timeoutMs } = this.#options;
    if (typeof credential !== "function") {
      this.#open(credential, timeoutMs);
      return;
    }
    const reading = new AbortController();
    this.#reading = reading;
    this.#timer = setTimeout(
      () => reading.abort(new MusterCredentialError(`No credential could be had within ${timeoutMs} ms`)),
      timeoutMs,
    );
    readCredential(credential, reading.signal).then(
      // close() may have been called meanwhile, and connect() again.
      (read) => this.#reading === reading && this.#open(read, timeoutMs),
      (error: MusterCredentialError) => this.#reading === reading && this.#failed(error),
    );
  }

  #open(credential: string | undefined, timeoutMs: number): void {
    const { WebSocket, url } = this.#options;
    this.#reading = undefined;
    clearTimeout(this.#timer);
    // connect() has seen that there is one.
    if (!WebSocket) return;
    const socket = credential === undefined ? new WebSocket(url()) : new WebSocket(url(), protocolsOf(credential));
    this.#socket = socket;
    // A socket that was given up still has events to come; they must not touch the one that follows it.
    const current = () => this.#socket === socket;
    this.#timer = setTimeout(() => current() && this.#lost(socket, 0, "it took too long to open"), timeoutMs);
    socket.addEventListener("open", () => current() && this.#opened(socket));
    socket.addEventListener("message", (event) => {
      if (!current()) return;
      this.#heard = true;
      // Only now: a server that accepts and at once closes again must not be asked faster and faster.
      if (this.#options.onMessage(event.data)) this.#failures = 0;
    });
    socket.addEventListener("close", ({ code, reason }) => current() && this.#lost(socket, code, reason));
    // Every error is followed by a close, which says more.
    socket.addEventListener("error", () => {});
  }

  #opened(socket: WebSocketLike): void {
    clearTimeout(this.#timer);
    this.#phase = "open";
    const reconnected = this.#wasOpen;
    this.#wasOpen = true;
    this.#refused = false;
    this.#opening?.resolve();
    this.#opening = undefined;
    if (this.#options.ping) this.#listen(socket, this.#options.ping);
    this.#options.onOpen(reconnected);
  }

  /** One timer for all frames: one that each of them sets anew would cost more than they do. */
  #listen(socket: WebSocketLike, ping: object): void {
    let asked = false;
    const look = () => {
      if (!this.#heard && asked) return this.#lost(socket, 0, "nothing was heard for too long");
      asked = !this.#heard;
      if (asked) this.send(ping);
      this.#heard = false;
      this.#timer = setTimeout(look, SILENCE_MS);
    };
    this.#heard = false;
    this.#timer = setTimeout(look, SILENCE_MS);
  }

  #lost(socket: WebSocketLike, code: number, reason: string): void {
    const wasOpen = this.#phase === "open";
    this.#socket = undefined;
    // Those that were closed by the other side take no notice of it.
    socket.close();
    if (code === NOT_ALLOWED) this.#refused = true;
    this.#repair(wasOpen, code, reason);
  }

  /** No credential could be had, as when who gives them is away. */
  #failed(error: MusterCredentialError): void {
    this.#reading = undefined;
    this.#repair(false, 0, error.message, error);
  }

  #repair(wasOpen: boolean, code: number, reason: string, why?: MusterCredentialError): void {
    clearTimeout(this.#timer);
    if (!this.#wasOpen || this.#options.isFinal?.(code)) {
      this.#leave(code, reason || `the connection was closed with code ${code}`, why);
      return;
    }
    this.#phase = "waiting";
    this.#failures += 1;
    const inMs = backOffMs(this.#failures, RECONNECT_BACK_OFF, this.#options.random);
    this.#timer = setTimeout(() => this.#attempt(), inMs);
    if (wasOpen) this.#options.onClose({ code, reason, willReconnect: true });
    else this.#options.onRetry?.({ failures: this.#failures, inMs, error: why ?? this.#notOpened(reason) });
  }

  /** Browsers don't tell why a WebSocket was refused: what Muster said as it closed the last one must do. */
  #notOpened(reason: string): MusterConnectionError | MusterCredentialError {
    if (this.#refused) return new MusterCredentialError("Muster takes this key or token no more");
    return this.#unreachable(reason || "no reason was given");
  }

  #unreachable(reason: string): MusterConnectionError {
    return new MusterConnectionError("unreachable", `Can't open a WebSocket to ${this.#options.url()}: ${reason}`);
  }

  #leave(code: number, reason: string, why?: MusterCredentialError): void {
    clearTimeout(this.#timer);
    const wasOpen = this.#phase === "open";
    this.#phase = "closed";
    this.#socket = undefined;
    this.#reading?.abort();
    this.#reading = undefined;
    this.#wasOpen = false;
    this.#refused = false;
    this.#failures = 0;
    this.#opening?.reject(why ?? this.#unreachable(reason));
    this.#opening = undefined;
    if (wasOpen) this.#options.onClose({ code, reason, willReconnect: false });
  }
}
