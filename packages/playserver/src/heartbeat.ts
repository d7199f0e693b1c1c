import type { Socket } from "./peer-socket.ts";

const OPEN = 1;
export const PING_EVERY_MS = 20_000;
/** Pings that a peer may leave unanswered. */
const MAX_SILENT_PINGS = 2;

/** Finds out when a peer is gone without a word. */
export class Heartbeat {
  readonly #socket: Socket;
  #silentPings = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** The peer showed that it lives. */
  heard(): void {
    this.#silentPings = 0;
  }

  /** Pings the peer, or gives it up. To be called every PING_EVERY_MS. */
  beat(): void {
    if (this.#silentPings >= MAX_SILENT_PINGS) {
      this.#socket.terminate();
    } else if (this.#socket.readyState === OPEN) {
      this.#silentPings += 1;
      this.#socket.ping();
    }
  }
}
