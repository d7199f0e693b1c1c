import type { Access } from "@muster/access";
import { ERRORS, MusterError, toProblem } from "@muster/core";
import { FOR_PLAYERS } from "../frame-limits.ts";
import { needsWebSocket, type SocketRoute } from "../realm-sockets.ts";
import { openSockets } from "../sockets.ts";
import type { InstantContext } from "./instant-context.ts";
import { InstantSocket } from "./instant-socket.ts";

/** All users who are connected for instant matching: `WS /v1/instant`. */
export const openInstantSockets = (context: InstantContext, isGood: Access["isGood"]): SocketRoute => {
  const sockets = openSockets(isGood, FOR_PLAYERS);
  return {
    get count() {
      return sockets.count;
    },
    addRoutes: (app) =>
      void app.route({
        method: "GET",
        url: "/v1/instant",
        exposeHeadRoute: false,
        handler: () => {
          throw needsWebSocket();
        },
        wsHandler: (socket, { caller }) => {
          sockets.add(socket, caller, new InstantSocket(socket, caller, context));
        },
      }),
    close: sockets.close,
  };
};

/** Where the queues file declares no instant matching. */
export const withoutInstant: SocketRoute = {
  count: 0,
  addRoutes: (app) =>
    void app.get("/v1/instant", (_request, reply) => {
      const error = new MusterError(
        "ROUTE_NOT_FOUND",
        "This Muster offers no instant matching: its queues file declares none under `instant`.",
      );
      return reply
        .status(ERRORS[error.code].status)
        .type("application/problem+json")
        .serializer(JSON.stringify)
        .send(toProblem(error));
    }),
  close: async () => {},
};
