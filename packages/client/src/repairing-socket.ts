import type { Random } from "@muster/core";
import { backOffMs } from "./back-off.ts";
import { type Credential, protocolsOf, readCredential } from "./credential.ts";
import { MusterConnectionError } from "./errors.ts";

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

export interface RepairingSocketOptions {
  /** `ws(s)://…` with path and query. */
  url: string;
  WebSocket: WebSocketClass;
  credential?: Credential | undefined;
  random: Random;
  /** How long a connection may take to open. */
  timeoutMs: number;
  onOpen: (reconnected: boolean) => void;
  /** @returns whether the frame could be read: a server that sends sense needn't be spared */
  onMessage: (data: unknown) => boolean;
  onClose: (closed: Closed) => void;
  /** Whether a close code means that this client is not wanted back. Absent: none does. */
  isFinal?: (code: number) => boolean;
}

const RECONNECT_BACK_OFF = { firstMs: 100, mostMs: 5_000 };
const CLOSE_LIMIT_MS = 1_000;
const NORMAL_CLOSURE = 1000;

/**
 * A WebSocket that repairs itself.
 *
 * `closed` until `connect()`, then `connecting`; when that first attempt fails, `connect()` rejects and it is `closed`
 * again. Once it was `open`, a lost connection is replaced: `waiting` (back-off) → `connecting` → `open`, for as long
 * as it takes. `close()` leads to `closed` from anywhere, and so does a close code that is final.
 */
export class RepairingSocket {
  readonly #options: RepairingSocketOptions;
  #phase: "closed" | "connecting" | "open" | "waiting" = "closed";
  #socket: WebSocketLike | undefined;
  #opening: PromiseWithResolvers<void> | undefined;
  #failures = 0;
  #wasOpen = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The attempt that waits for its credential. */
  #reading: object | undefined;

  constructor(options: RepairingSocketOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#phase === "open";
  }

  /** Resolves when the connection is open. @throws MusterConnectionError when the first attempt fails */
  connect(): Promise<void> {
    if (this.#phase === "open") return Promise.resolve();
    this.#opening ??= Promise.withResolvers<void>();
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
    const { promise, resolve } = Promise.withResolvers<void>();
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
    const { credential } = this.#options;
    if (typeof credential !== "function") {
      this.#open(credential);
      return;
    }
    const attempt = {};
    this.#reading = attempt;
    readCredential(credential).then(
      // close() may have been called meanwhile, and connect() again.
      (read) => this.#reading === attempt && this.#phase === "connecting" && this.#open(read),
      (error: unknown) => this.#reading === attempt && this.#phase === "connecting" && this.#failed(error),
    );
  }

  #open(credential: string | undefined): void {
    const { WebSocket, url } = this.#options;
    this.#reading = undefined;
    const socket = credential === undefined ? new WebSocket(url) : new WebSocket(url, protocolsOf(credential));
    this.#socket = socket;
    // A socket that was given up still has events to come; they must not touch the one that follows it.
    const current = () => this.#socket === socket;
    this.#timer = setTimeout(
      () => current() && this.#lost(socket, 0, "it took too long to open"),
      this.#options.timeoutMs,
    );
    socket.addEventListener("open", () => current() && this.#opened());
    socket.addEventListener("message", (event) => {
      // Only now: a server that accepts and at once closes again must not be asked faster and faster.
      if (current() && this.#options.onMessage(event.data)) this.#failures = 0;
    });
    socket.addEventListener("close", ({ code, reason }) => current() && this.#lost(socket, code, reason));
    // Every error is followed by a close, which says more.
    socket.addEventListener("error", () => {});
  }

  #opened(): void {
    clearTimeout(this.#timer);
    this.#phase = "open";
    const reconnected = this.#wasOpen;
    this.#wasOpen = true;
    this.#opening?.resolve();
    this.#opening = undefined;
    this.#options.onOpen(reconnected);
  }

  #lost(socket: WebSocketLike, code: number, reason: string): void {
    const wasOpen = this.#phase === "open";
    this.#socket = undefined;
    if (!wasOpen) socket.close();
    this.#repair(wasOpen, code, reason);
  }

  /** No credential could be had, as when who gives them is away. */
  #failed(error: unknown): void {
    this.#reading = undefined;
    this.#repair(false, 0, error instanceof Error ? error.message : String(error));
  }

  #repair(wasOpen: boolean, code: number, reason: string): void {
    clearTimeout(this.#timer);
    if (!this.#wasOpen || this.#options.isFinal?.(code)) {
      this.#leave(code, reason || `the connection was closed with code ${code}`);
      return;
    }
    this.#phase = "waiting";
    this.#failures += 1;
    this.#timer = setTimeout(
      () => this.#attempt(),
      backOffMs(this.#failures, RECONNECT_BACK_OFF, this.#options.random),
    );
    if (wasOpen) this.#options.onClose({ code, reason, willReconnect: true });
  }

  #leave(code: number, reason: string): void {
    clearTimeout(this.#timer);
    const wasOpen = this.#phase === "open";
    this.#phase = "closed";
    this.#socket = undefined;
    this.#reading = undefined;
    this.#wasOpen = false;
    this.#failures = 0;
    this.#opening?.reject(
      new MusterConnectionError("unreachable", `Can't open a WebSocket to ${this.#options.url}: ${reason}`),
    );
    this.#opening = undefined;
    if (wasOpen) this.#options.onClose({ code, reason, willReconnect: false });
  }
}
