import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { WebSocket } from "@fastify/websocket";
import { MusterError } from "@muster/core";
import type { Logger } from "@muster/core/service";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { RealmSocket } from "./realm-socket.ts";
import type { WatchRegistry } from "./watch-registry.ts";

/** Longer frames close the connection with 1009; 5,000 ids of ordinary length fit. */
export const MAX_FRAME_BYTES = 256 * 1024;
/** A peer that doesn't answer our close frame is dropped after this long, and with it what was buffered for it. */
export const CLOSE_LIMIT_MS = 5_000;
export const PING_EVERY_MS = 20_000;
/** How long peers may take to answer when this playserver stops. */
const STOP_LIMIT_MS = 2_000;
const CLOSE_SERVICE_RESTART = 1012;

/** All realms that are connected: `WS /v1/realm`. */
export interface RealmSockets {
  readonly count: number;
  addRoutes(app: FastifyInstance): void;
  /** Sends everyone elsewhere (1012), and resolves when all are gone. */
  close(): Promise<void>;
}

export const openRealmSockets = ({ watches, log }: { watches: WatchRegistry; log: Logger }): RealmSockets => {
  const realms = new Map<WebSocket, RealmSocket>();

  const beats = setInterval(() => {
    for (const realm of realms.values()) realm.beat();
  }, PING_EVERY_MS).unref();

  const accept = (socket: WebSocket, request: FastifyRequest) => {
    const realm = new RealmSocket(socket, request.raw.socket, watches, (players) =>
      log.warn({ players }, "a realm that was too slow was cut off; it may connect again"),
    );
    realms.set(socket, realm);
    // Without fragments: a message is one Buffer, as long as binaryType is left as it is.
    socket.on("message", (data, isBinary) => realm.receive(isBinary ? undefined : String(data)));
    socket.on("pong", () => realm.heard());
    socket.on("close", () => {
      realms.delete(socket);
      realm.end();
    });
  };

  return {
    get count() {
      return realms.size;
    },
    addRoutes: (app) =>
      void app.route({
        method: "GET",
        url: "/v1/realm",
        exposeHeadRoute: false,
        handler: () => {
          throw new MusterError("INVALID", "This route is a WebSocket: connect to it with a WebSocket client.", {
            faults: [{ field: "Upgrade", message: "must be websocket" }],
          });
        },
        wsHandler: accept,
      }),
    close: async () => {
      clearInterval(beats);
      const gone = [...realms.keys()].map((socket) => once(socket, "close"));
      for (const realm of realms.values()) realm.close(CLOSE_SERVICE_RESTART, "service restart");
      await Promise.race([Promise.all(gone), sleep(STOP_LIMIT_MS, undefined, { ref: false })]);
      for (const realm of realms.values()) realm.terminate();
      await Promise.all(gone);
    },
  };
};
