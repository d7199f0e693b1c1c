import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { WebSocket } from "@fastify/websocket";
import { PING_EVERY_MS } from "./heartbeat.ts";

/** How long peers may take to answer when this playserver stops. */
const STOP_LIMIT_MS = 2_000;
const CLOSE_SERVICE_RESTART = 1012;

/** One peer's side of a WebSocket. */
export interface Peer {
  receive(text: string | undefined): void;
  heard(): void;
  beat(): void;
  close(code: number, reason: string): void;
  terminate(): void;
  end(): void;
}

/** All WebSockets of one route. */
export interface Sockets {
  readonly count: number;
  add(socket: WebSocket, peer: Peer): void;
  /** Sends everyone elsewhere (1012), and resolves when all are gone. */
  close(): Promise<void>;
}

export const openSockets = (): Sockets => {
  const peers = new Map<WebSocket, Peer>();
  const beats = setInterval(() => {
    for (const peer of peers.values()) peer.beat();
  }, PING_EVERY_MS).unref();

  return {
    get count() {
      return peers.size;
    },
    add: (socket, peer) => {
      peers.set(socket, peer);
      // Without fragments: a message is one Buffer, as long as binaryType is left as it is.
      socket.on("message", (data, isBinary) => peer.receive(isBinary ? undefined : String(data)));
      socket.on("pong", () => peer.heard());
      socket.on("close", () => {
        peers.delete(socket);
        peer.end();
      });
    },
    close: async () => {
      clearInterval(beats);
      const gone = [...peers.keys()].map((socket) => once(socket, "close"));
      for (const peer of peers.values()) peer.close(CLOSE_SERVICE_RESTART, "service restart");
      await Promise.race([Promise.all(gone), sleep(STOP_LIMIT_MS, undefined, { ref: false })]);
      for (const peer of peers.values()) peer.terminate();
      await Promise.all(gone);
    },
  };
};
