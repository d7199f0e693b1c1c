import type { MusterError } from "@muster/core";
import { Heartbeat } from "./heartbeat.ts";
import type { Peer } from "./sockets.ts";

/** What is needed of a WebSocket. */
export interface Socket {
  readonly readyState: number;
  /** Bytes that were sent but not taken by the network. */
  readonly bufferedAmount: number;
  /** @param taken is called when the network took it, or never will */
  send(text: string, taken?: (error?: Error) => void): void;
  close(code: number, reason: string): void;
  ping(): void;
  terminate(): void;
}

const OPEN = 1;
export const CLOSE_TRY_LATER = 1013;

/** What all connections have in common, whoever is at the other end: a pulse, one end, and a bound on what piles up. */
export abstract class PeerSocket implements Peer {
  readonly #socket: Socket;
  readonly #heartbeat: Heartbeat;
  readonly #maxBufferedBytes: number;
  #ended = false;

  /** @param maxBufferedBytes sent but not taken; a peer that lets more pile up is closed with 1013, and may come back */
  constructor(socket: Socket, maxBufferedBytes: number) {
    this.#socket = socket;
    this.#heartbeat = new Heartbeat(socket);
    this.#maxBufferedBytes = maxBufferedBytes;
  }

  /** A frame came; undefined for a binary one. */
  abstract receive(text: string | undefined): void | Promise<void>;

  /** Tells the peer why a frame of it was not looked at. */
  abstract refuse(error: MusterError): void;

  /** The peer showed that it lives. */
  heard(): void {
    this.#heartbeat.heard();
  }

  /** Pings the peer, or gives it up. To be called regularly. */
  beat(): void {
    this.#heartbeat.beat();
  }

  close(code: number, reason: string): void {
    this.end();
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  /** Nothing is done for the peer any more. Succeeds if it had ended before. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.onEnd();
  }

  protected get ended(): boolean {
    return this.#ended;
  }

  /** Gives back what the connection held. */
  protected abstract onEnd(): void;

  /** It was too slow. @returns what the peer is told */
  protected onSlow(): string {
    return "too slow: frames piled up";
  }

  protected sendText(text: string, taken?: () => void): void {
    if (this.#ended || this.#socket.readyState !== OPEN) return;
    if (this.#socket.bufferedAmount > this.#maxBufferedBytes) this.close(CLOSE_TRY_LATER, this.onSlow());
    else this.#socket.send(text, taken);
  }
}
