import type { Random, RealmReply, RealmRequest, StateFrame } from "@muster/core";
import type { Credential } from "./credential.ts";
import { MusterFrameError } from "./errors.ts";
import { Emitter } from "./events.ts";
import { HeldPlayers } from "./held-players.ts";
import { type Closed, RepairingSocket, type Retry, type WebSocketClass } from "./repairing-socket.ts";

export interface RealmEvents {
  /** A watched player's state changed; right after `watch`, the state it has. */
  state: StateFrame;
  /** A frame that is older than one delivered before. It was dropped; a correct server never sends one. */
  stale: StateFrame;
  /** Muster refused a frame, or sent one that can't be read. The connection goes on. */
  error: MusterFrameError;
  open: { reconnected: boolean };
  close: Closed;
  /** A try to come back failed, and another one follows. */
  retry: Retry;
}

export interface RealmSocketOptions {
  /** `http(s)://…` of Muster. */
  url: string;
  WebSocket: WebSocketClass | undefined;
  credential?: Credential | undefined;
  random: Random;
  /** How long a connection may take to open. */
  timeoutMs: number;
}

/** Well under the server's limit of a frame, so that one frame never holds up the others for long. */
const PLAYERS_PER_FRAME = 1_000;

/**
 * A realm's watch over many players, on one connection that repairs itself: when it was lost, all watched players are
 * watched again, and their snapshots bring whatever was missed in between. Held players are held again.
 */
export class RealmSocket {
  readonly #socket: RepairingSocket;
  readonly #players = new HeldPlayers();
  /** The players that this connection stands for. */
  readonly #present = new Set<string>();
  readonly #events = new Emitter<RealmEvents>();

  constructor({ url, ...options }: RealmSocketOptions) {
    this.#socket = new RepairingSocket({
      ...options,
      url: () => `${url.replace(/\/+$/, "").replace(/^http/, "ws")}/v1/realm`,
      onOpen: (reconnected) => this.#opened(reconnected),
      onMessage: (data) => this.#received(data),
      ping: { op: "ping" } satisfies RealmRequest,
      onClose: (closed) => this.#events.emit("close", closed),
      onRetry: (retry) => this.#events.emit("retry", retry),
    });
  }

  readonly on = this.#events.on.bind(this.#events);

  /** Resolves when the connection is open. @throws MusterConnectionError when the first attempt fails */
  connect(): Promise<void> {
    return this.#socket.connect();
  }

  /** Players already held are not asked for again. Without a connection they are watched as soon as there is one. */
  watch(players: Iterable<string>): void {
    this.#watch(this.#players.add(players));
  }

  unwatch(players: Iterable<string>): void {
    this.#request(this.#players.remove(players), (some) => ({ op: "unwatch", players: some }));
  }

  hold(players: Iterable<string>): void {
    const added = [...players].filter((player) => !this.#present.has(player));
    for (const player of added) this.#present.add(player);
    this.#hold(added);
  }

  release(players: Iterable<string>): void {
    const removed = [...players].filter((player) => this.#present.delete(player));
    this.#request(removed, (some) => ({ op: "release", players: some }));
  }

  /** Ends the connection for good (until another `connect()`). Resolves when it is closed, at the latest after 1 s. */
  close(): Promise<void> {
    return this.#socket.close();
  }

  #opened(reconnected: boolean): void {
    this.#players.newConnection();
    this.#watch(this.#players.all());
    this.#hold([...this.#present]);
    this.#events.emit("open", { reconnected });
  }

  #hold(players: string[]): void {
    this.#request(players, (some) => ({ op: "hold", players: some }));
  }

  /** With what is known of them: a server that finds less has lost it, and makes up for that. */
  #watch(players: string[]): void {
    this.#request(players, (some) => {
      const versions = this.#players.versionsOf(some);
      return { op: "watch", players: some, ...(versions && { versions }) };
    });
  }

  #request(players: string[], toRequest: (some: string[]) => RealmRequest): void {
    if (!this.#socket.isOpen) return;
    for (let from = 0; from < players.length; from += PLAYERS_PER_FRAME) {
      this.#socket.send(toRequest(players.slice(from, from + PLAYERS_PER_FRAME)));
    }
  }

  #received(data: unknown): boolean {
    const frame = parseFrame(data);
    if (!frame) {
      this.#events.emit("error", new MusterFrameError("UNREADABLE", "Muster sent a frame that can't be read"));
      return false;
    }
    if (frame.op === "error") {
      this.#events.emit("error", new MusterFrameError(frame.code, frame.message));
      return true;
    }
    if (frame.op === "pong") return true;
    const verdict = this.#players.judge(frame);
    if (verdict === "deliver") this.#events.emit("state", frame);
    if (verdict === "stale") this.#events.emit("stale", frame);
    return true;
  }
}

const OPS: ReadonlySet<unknown> = new Set(["state", "error", "pong"] satisfies RealmReply["op"][]);

/** Null for what is no frame of this API. */
const parseFrame = (data: unknown): RealmReply | null => {
  if (typeof data !== "string") return null;
  try {
    const frame: unknown = JSON.parse(data);
    const known = typeof frame === "object" && frame !== null && "op" in frame;
    // The op decides the rest of the frame's shape; a full check of every frame would cost more than it can find.
    return known && OPS.has(frame.op) ? (frame as RealmReply) : null;
  } catch {
    return null;
  }
};
