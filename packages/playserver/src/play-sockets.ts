import { type Access, credentialOf, requireSelf } from "@muster/access";
import { ID_RULE, isId, MusterError } from "@muster/core";
import { FOR_PLAYERS } from "./frame-limits.ts";
import { type PlayDeps, PlaySocket } from "./play-socket.ts";
import { needsWebSocket, type SocketRoute } from "./realm-sockets.ts";
import { readSeenVersion } from "./seen-version.ts";
import { openSockets } from "./sockets.ts";

/** All players who are connected by themselves: `WS /v1/play?player=ID`, with `&version=N` those who come back. */
export const openPlaySockets = (deps: Omit<PlayDeps, "calledBy"> & { isGood: Access["isGood"] }): SocketRoute => {
  const sockets = openSockets(deps.isGood, FOR_PLAYERS);
  return {
    get count() {
      return sockets.count;
    },
    addRoutes: (app) =>
      void app.route<{ Querystring: { player?: string; version?: string } }>({
        method: "GET",
        url: "/v1/play",
        exposeHeadRoute: false,
        // Before the upgrade, so that the fault can be answered in words.
        preValidation: async ({ caller, query: { player, version } }) => {
          readSeenVersion(version, deps.clock);
          if (typeof player === "string" && isId(player)) return requireSelf(caller, player);
          throw new MusterError("INVALID", `player ${ID_RULE}; connect to /v1/play?player=ID.`, {
            faults: [{ field: "player", message: ID_RULE }],
          });
        },
        handler: () => {
          throw needsWebSocket();
        },
        wsHandler: (socket, { id, caller, headers, query: { player = "", version } }) => {
          const calledBy = { requestId: id, credential: credentialOf(headers) };
          const peer = new PlaySocket(socket, player, readSeenVersion(version, deps.clock), { ...deps, calledBy });
          sockets.add(socket, caller, peer);
          return peer.start();
        },
      }),
    close: sockets.close,
  };
};
