import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { WebSocket } from "@fastify/websocket";
import type { Access, Caller } from "@muster/access";
import { CLOSE_NOT_ALLOWED, type MusterError } from "@muster/core";
import { createFrameJudge, type FrameLimit, tooManyFrames } from "./frame-limits.ts";
import { PING_EVERY_MS } from "./heartbeat.ts";

/** How long peers may take to answer when this playserver stops. */
const STOP_LIMIT_MS = 2_000;
const CLOSE_SERVICE_RESTART = 1012;
const CLOSE_POLICY = 1008;
const CLOSED = 3;
/** How soon it is noticed that a key was revoked or a token is over. */
const CHECK_EVERY_MS = 1_000;

/** One peer's side of a WebSocket. */
export interface Peer {
  receive(text: string | undefined): void | Promise<void>;
  /** Tells the peer why a frame of it was not looked at. */
  refuse(error: MusterError): void;
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

/**
 * @param isGood whoever is not any more, is closed with CLOSE_NOT_ALLOWED
 * @param limit of each connection: what is too much is refused once, then dropped; whoever goes on is closed with 1008
 */
export const openSockets = (isGood: Access["isGood"], limit: FrameLimit): Sockets => {
  const judge = createFrameJudge(limit);
  let connections = 0;
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
      // First of all: whatever fails below, a socket that closes is forgotten.
      socket.on("close", () => {
        peers.delete(socket);
        callers.delete(socket);
        peer.end();
      });
      connections += 1;
      const name = String(connections);
      // Without fragments: a message is one Buffer, as long as binaryType is left as it is.
      const receive = async (data: unknown, isBinary: boolean) => {
        switch (await judge(name)) {
          case "take":
            return peer.receive(isBinary ? undefined : String(data));
          case "refuse":
            return peer.refuse(tooManyFrames(limit));
          case "drop":
            return peer.heard();
          case "cutOff":
            return peer.close(CLOSE_POLICY, "too many frames");
        }
      };
      // Ours: it is logged where all faults of connections are, and costs this connection, not the process.
      socket.on("message", (data, isBinary) => receive(data, isBinary).catch((error) => socket.emit("error", error)));
      socket.on("pong", () => peer.heard());
      peers.set(socket, peer);
      if (caller.kind !== "anyone") callers.set(socket, caller);
    },
    close: async () => {
      clearInterval(beats);
      clearInterval(checks);
      const open = [...peers.keys()].filter((socket) => socket.readyState !== CLOSED);
      const gone = open.map((socket) => once(socket, "close"));
      for (const peer of peers.values()) peer.close(CLOSE_SERVICE_RESTART, "service restart");
      await Promise.race([Promise.all(gone), sleep(STOP_LIMIT_MS, undefined, { ref: false })]);
      for (const peer of peers.values()) peer.terminate();
      await Promise.all(gone);
    },
  };
};
