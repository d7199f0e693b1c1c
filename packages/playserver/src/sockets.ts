import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { WebSocket } from "@fastify/websocket";
import type { Access, Caller } from "@muster/access";
import { CLOSE_NOT_ALLOWED } from "@muster/core";
import { PING_EVERY_MS } from "./heartbeat.ts";

/** How long peers may take to answer when this playserver stops. */
const STOP_LIMIT_MS = 2_000;
const CLOSE_SERVICE_RESTART = 1012;
/** How soon it is noticed that a key was revoked or a token is over. */
const CHECK_EVERY_MS = 1_000;

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
  add(socket: WebSocket, caller: Caller, peer: Peer): void;
  /** Sends everyone elsewhere (1012), and resolves when all are gone. */
  close(): Promise<void>;
}

/** @param isGood whoever is not any more, is closed with CLOSE_NOT_ALLOWED */
export const openSockets = (isGood: Access["isGood"]): Sockets => {
  const peers = new Map<WebSocket, Peer>();
  const callers = new Map<WebSocket, Caller>();
  const beats = setInterval(() => {
    for (const peer of peers.values()) peer.beat();
  }, PING_EVERY_MS).unref();
  const checks = setInterval(() => {
    for (const [socket, caller] of callers) {
      if (isGood(caller)) continue;
      callers.delete(socket);
      peers.get(socket)?.close(CLOSE_NOT_ALLOWED, "the key or token is not good any more");
    }
  }, CHECK_EVERY_MS).unref();

  return {
    get count() {
      return peers.size;
    },
    add: (socket, caller, peer) => {
      peers.set(socket, peer);
      if (caller.kind !== "anyone") callers.set(socket, caller);
      // Without fragments: a message is one Buffer, as long as binaryType is left as it is.
      socket.on("message", (data, isBinary) => peer.receive(isBinary ? undefined : String(data)));
      socket.on("pong", () => peer.heard());
      socket.on("close", () => {
        peers.delete(socket);
        callers.delete(socket);
        peer.end();
      });
    },
    close: async () => {
      clearInterval(beats);
      clearInterval(checks);
      const gone = [...peers.keys()].map((socket) => once(socket, "close"));
      for (const peer of peers.values()) peer.close(CLOSE_SERVICE_RESTART, "service restart");
      await Promise.race([Promise.all(gone), sleep(STOP_LIMIT_MS, undefined, { ref: false })]);
      for (const peer of peers.values()) peer.terminate();
      await Promise.all(gone);
    },
  };
};
