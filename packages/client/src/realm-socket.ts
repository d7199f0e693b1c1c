import type { Random, RealmReply, RealmRequest, StateFrame } from "@muster/core";
import { backOffMs } from "./back-off.ts";
import { MusterConnectionError, MusterFrameError } from "./errors.ts";
import { Emitter } from "./events.ts";
import { HeldPlayers } from "./held-players.ts";

/** The part of the WebSocket class that is used, so that another one can be given. */
export interface WebSocketLike {
  send(text: string): void;
  close(code?: number): void;
  addEventListener(type: "open" | "error", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { data: unknown }) => void): void;
  addEventListener(type: "close", listener: (event: { code: number; reason: string }) => void): void;
}
export type WebSocketClass = new (url: string) => WebSocketLike;

export interface RealmEvents {
  /** A watched player's state changed; right after `watch`, the state it has. */
  state: StateFrame;
  /** A frame that is older than one delivered before. It was dropped; a correct server never sends one. */
  stale: StateFrame;
  /** Muster refused a frame, or sent one that can't be read. The connection goes on. */
  error: MusterFrameError;
  open: { reconnected: boolean };
  close: { code: number; reason: string; willReconnect: boolean };
}

export interface RealmSocketOptions {
  /** `http(s)://…` of Muster. */
  url: string;
  WebSocket: WebSocketClass;
  random: Random;
  /** How long a connection may take to open. */
  timeoutMs: number;
}

/** Well under the server's limit of a frame, so that one frame never holds up the others for long. */
const WATCH_CHUNK = 1_000;
const RECONNECT_BACK_OFF = { firstMs: 100, mostMs: 5_000 };
const CLOSE_LIMIT_MS = 1_000;
const NORMAL_CLOSURE = 1000;

/**
 * A realm's watch over many players, on one connection that repairs itself.
 *
 * `closed` until `connect()`, then `connecting`; when that first attempt fails, `connect()` rejects and it is `closed`
 * again. Once it was `open`, a lost connection is replaced: `waiting` (back-off) → `connecting` → `open`, for as long
 * as it takes, and all held players are watched again. Their snapshots bring whatever was missed in between.
 * `close()` leads to `closed` from anywhere.
 */
export class RealmSocket {
  readonly #options: RealmSocketOptions;
  readonly #url: string;
  readonly #players = new HeldPlayers();
  readonly #events = new Emitter<RealmEvents>();
  #phase: "closed" | "connecting" | "open" | "waiting" = "closed";
  #socket: WebSocketLike | undefined;
  #opening: PromiseWithResolvers<void> | undefined;
  #failures = 0;
  #wasOpen = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: RealmSocketOptions) {
    this.#options = options;
    this.#url = `${options.url.replace(/\/+$/, "").replace(/^http/, "ws")}/v1/realm`;
  }

  readonly on = this.#events.on.bind(this.#events);

  /** Resolves when the connection is open. @throws MusterConnectionError when the first attempt fails */
  connect(): Promise<void> {
    if (this.#phase === "open") return Promise.resolve();
    this.#opening ??= Promise.withResolvers<void>();
    const { promise } = this.#opening;
    if (this.#phase === "closed") this.#attempt();
    return promise;
  }

  /** Players already held are not asked for again. Without a connection they are watched as soon as there is one. */
  watch(players: Iterable<string>): void {
    this.#request("watch", this.#players.add(players));
  }

  unwatch(players: Iterable<string>): void {
    this.#request("unwatch", this.#players.remove(players));
  }

  /** Ends the connection for good (until another `connect()`). Resolves when it is closed, at the latest after 1 s. */
  close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const socket = this.#socket;
    this.#leave("close() was called");
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
    const socket = new this.#options.WebSocket(this.#url);
    this.#socket = socket;
    // A socket that was given up still has events to come; they must not touch the one that follows it.
    const current = () => this.#socket === socket;
    this.#timer = setTimeout(
      () => current() && this.#lost(socket, 0, "it took too long to open"),
      this.#options.timeoutMs,
    );
    socket.addEventListener("open", () => current() && this.#opened());
    socket.addEventListener("message", (event) => current() && this.#received(event.data));
    socket.addEventListener("close", ({ code, reason }) => current() && this.#lost(socket, code, reason));
    // Every error is followed by a close, which says more.
    socket.addEventListener("error", () => {});
  }

  #opened(): void {
    clearTimeout(this.#timer);
    this.#phase = "open";
    const reconnected = this.#wasOpen;
    this.#wasOpen = true;
    this.#players.newConnection();
    this.#request("watch", this.#players.all());
    this.#opening?.resolve();
    this.#opening = undefined;
    this.#events.emit("open", { reconnected });
  }

  #lost(socket: WebSocketLike, code: number, reason: string): void {
    clearTimeout(this.#timer);
    const wasOpen = this.#phase === "open";
    this.#socket = undefined;
    if (!wasOpen) socket.close();
    if (!this.#wasOpen) {
      this.#leave(reason || `the connection was closed with code ${code}`);
      return;
    }
    this.#phase = "waiting";
    this.#failures += 1;
    this.#timer = setTimeout(
      () => this.#attempt(),
      backOffMs(this.#failures, RECONNECT_BACK_OFF, this.#options.random),
    );
    if (wasOpen) this.#events.emit("close", { code, reason, willReconnect: true });
  }

  #leave(reason: string): void {
    clearTimeout(this.#timer);
    const wasOpen = this.#phase === "open";
    this.#phase = "closed";
    this.#socket = undefined;
    this.#wasOpen = false;
    this.#failures = 0;
    this.#opening?.reject(
      new MusterConnectionError("unreachable", `Can't open a WebSocket to ${this.#url}: ${reason}`),
    );
    this.#opening = undefined;
    if (wasOpen) this.#events.emit("close", { code: NORMAL_CLOSURE, reason, willReconnect: false });
  }

  #request(op: RealmRequest["op"], players: string[]): void {
    if (this.#phase !== "open") return;
    for (let from = 0; from < players.length; from += WATCH_CHUNK) {
      const request: RealmRequest = { op, players: players.slice(from, from + WATCH_CHUNK) };
      this.#socket?.send(JSON.stringify(request));
    }
  }

  #received(data: unknown): void {
    const frame = parseFrame(data);
    if (!frame) {
      this.#events.emit("error", new MusterFrameError("UNREADABLE", "Muster sent a frame that can't be read"));
      return;
    }
    // Only now: a server that accepts and at once closes again must not be asked faster and faster.
    this.#failures = 0;
    if (frame.op === "error") {
      this.#events.emit("error", new MusterFrameError(frame.code, frame.message));
      return;
    }
    const verdict = this.#players.judge(frame);
    if (verdict === "deliver") this.#events.emit("state", frame);
    if (verdict === "stale") this.#events.emit("stale", frame);
  }
}

/** Null for what is no frame of this API. */
const parseFrame = (data: unknown): RealmReply | null => {
  if (typeof data !== "string") return null;
  try {
    const frame: unknown = JSON.parse(data);
    const known = typeof frame === "object" && frame !== null && "op" in frame;
    // The op decides the rest of the frame's shape; a full check of every frame would cost more than it can find.
    return known && (frame.op === "state" || frame.op === "error") ? (frame as RealmReply) : null;
  } catch {
    return null;
  }
};
