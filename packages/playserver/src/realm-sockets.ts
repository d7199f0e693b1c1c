import { type Access, type Caller, requireRealm } from "@muster/access";
import { type Clock, MusterError } from "@muster/core";
import type { Logger } from "@muster/core/service";
import type { Store } from "@muster/store";
import type { FastifyInstance } from "fastify";
import { FOR_REALMS } from "./frame-limits.ts";
import type { Presence } from "./presence.ts";
import { RealmSocket } from "./realm-socket.ts";
import { openSockets, type Sockets } from "./sockets.ts";
import type { WatchRegistry } from "./watch-registry.ts";

/** Longer frames close the connection with 1009; 5,000 ids of ordinary length fit. */
export const MAX_FRAME_BYTES = 256 * 1024;
/** A peer that doesn't answer our close frame is dropped after this long, and with it what was buffered for it. */
export const CLOSE_LIMIT_MS = 5_000;

/** All connections of one kind, and the route at which they are made. */
export interface SocketRoute extends Pick<Sockets, "count" | "close"> {
  addRoutes(app: FastifyInstance): void;
}

export const needsWebSocket = () =>
  new MusterError("INVALID", "This route is a WebSocket: connect to it with a WebSocket client.", {
    faults: [{ field: "Upgrade", message: "must be websocket" }],
  });

/** All realms that are connected: `WS /v1/realm`. */
export const openRealmSockets = (deps: {
  watches: WatchRegistry;
  presence: Presence;
  access: Pick<Access, "isGood" | "queuesOf">;
  readPlayerQueues: Store["readPlayerQueues"];
  clock: Clock;
  log: Logger;
}): SocketRoute => {
  const { watches, presence, readPlayerQueues, clock, log } = deps;
  const { isGood, queuesOf } = deps.access;
  const outside = (caller: Caller, players: readonly string[]) => {
    const own = queuesOf(caller);
    if (!own) return undefined;
    return readPlayerQueues(players).then((queues) =>
      players.filter((_, index) => {
        const queue = queues[index];
        return queue !== undefined && !own.includes(queue);
      }),
    );
  };
  const sockets = openSockets(isGood, FOR_REALMS);
  return {
    get count() {
      return sockets.count;
    },
    addRoutes: (app) =>
      void app.route({
        method: "GET",
        url: "/v1/realm",
        exposeHeadRoute: false,
        preValidation: async ({ caller }) => requireRealm(caller),
        handler: () => {
          throw needsWebSocket();
        },
        wsHandler: (socket, request) => {
          const onSlow = (players: number) =>
            log.warn({ players }, "a realm that was too slow was cut off; it may connect again");
          sockets.add(
            socket,
            request.caller,
            new RealmSocket(socket, request.raw.socket, {
              ...{ watches, presence, clock, onSlow },
              outside: (players) => outside(request.caller, players),
            }),
          );
        },
      }),
    close: sockets.close,
  };
};
