import websocket from "@fastify/websocket";
import { type Access, type Caller, credentialOf, type RequireOrigin } from "@muster/access";
import { ERRORS, MusterError, toProblem } from "@muster/core";
import { createRequestIds, type Logger, type Metrics } from "@muster/core/service";
import type { PlayerFeed, Store } from "@muster/store";
import { type FastifyError, type FastifyInstance, type FastifyReply, fastify } from "fastify";
import type { InstantContext } from "./instant/instant-context.ts";
import { openInstantSockets, withoutInstant } from "./instant/instant-sockets.ts";
import type { PlayDeps } from "./play-socket.ts";
import { openPlaySockets } from "./play-sockets.ts";
import { openPlayerEvents } from "./player-events.ts";
import { CLOSE_LIMIT_MS, MAX_FRAME_BYTES, openRealmSockets } from "./realm-sockets.ts";

/** Longer than nginx keeps its connections, so that nginx never sends a request into one that is being closed. */
const KEEP_ALIVE_MS = 65_000;
/** By then some will have left, or another playserver may have been added. */
const FULL_RETRY_AFTER_S = 5;
/** An id that is too long is answered as such, not as a route that doesn't exist. */
const MAX_PARAM_LENGTH = 4_096;

// Not a literal where it is used, because @types/ws 8.18 lags behind ws 8.23 and doesn't know closeTimeout.
const websocketOptions = { maxPayload: MAX_FRAME_BYTES, closeTimeout: CLOSE_LIMIT_MS };

declare module "fastify" {
  interface FastifyRequest {
    /** Who asks; of every request for /v1/. */
    caller: Caller;
  }
}

export interface AppDeps extends Omit<PlayDeps, "current" | "calledBy"> {
  name: string;
  access: Access;
  requireOrigin: RequireOrigin;
  /** Sockets and streams of events that may be open at once. */
  maxConnections: number;
  metrics: Pick<Metrics, "contentType" | "text">;
  feed: PlayerFeed;
  readPlayerQueues: Store["readPlayerQueues"];
  log: Logger;
  /** Absent where the deployment declares no instant matching. */
  instant?: InstantContext | undefined;
}

export const buildApp = async ({
  name,
  access,
  requireOrigin,
  maxConnections,
  metrics,
  feed,
  readPlayerQueues,
  log,
  instant,
  ...deps
}: AppDeps): Promise<FastifyInstance> => {
  const app = fastify({
    logger: false,
    genReqId: createRequestIds(),
    keepAliveTimeout: KEEP_ALIVE_MS,
    return503OnClosing: false,
    // Streams never end by themselves; they were told goodbye before.
    forceCloseConnections: true,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    frameworkErrors: (error, _request, reply) => sendProblem(reply, new MusterError("INVALID", `${error.message}.`)),
  });
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    if (error instanceof MusterError) return sendProblem(reply, error);
    if (error.statusCode !== undefined && error.statusCode < 500) {
      return sendProblem(reply, new MusterError("INVALID", `${error.message}.`));
    }
    log.error({ err: error, reqId: request.id, method: request.method, url: request.url }, "a request failed");
    return sendProblem(reply, new MusterError("INTERNAL", "This is a defect in Muster. Its log says more."));
  });
  app.setNotFoundHandler((request, reply) =>
    sendProblem(
      reply,
      new MusterError(
        "ROUTE_NOT_FOUND",
        `There is no ${request.method} ${request.url} here: a playserver has WS /v1/realm, WS /v1/play, WS /v1/instant and GET /v1/players/{id}/events.`,
      ),
    ),
  );

  // Before the upgrade, so that the fault can be answered in words.
  app.decorateRequest("caller");
  app.addHook("onRequest", async (request) => {
    // The route, not the address: that may be written in many ways.
    if (!request.routeOptions.url?.startsWith("/v1/")) return;
    if (request.headers.upgrade !== undefined) requireOrigin(request.headers);
    request.caller = await access.callerOf(credentialOf(request.headers));
    if (connections() >= maxConnections) throw full(maxConnections);
  });

  // The server has handed over the socket of an upgrade, and would neither use nor close it again.
  app.addHook("onResponse", async ({ headers, raw }, reply) => {
    if (headers.upgrade !== undefined && reply.statusCode >= 400) raw.socket.destroySoon();
  });

  const { watches, presence, clock } = deps;
  const { isGood } = access;
  const realms = openRealmSockets({ watches, presence, access, readPlayerQueues, clock, log });
  const players = openPlaySockets({ ...deps, current: feed.current, isGood });
  const instants = instant ? openInstantSockets(instant, isGood) : withoutInstant;
  const events = openPlayerEvents({ watches, isGood, clock, log });
  const connections = () => realms.count + players.count + instants.count + events.count;
  await app.register(websocket, {
    options: websocketOptions,
    // Faults of the peer and of the network carry a code, and close the connection by themselves.
    errorHandler: (error, socket, request) => {
      if ("code" in error) return;
      log.error({ err: error, reqId: request.id, url: request.url }, "a connection failed");
      socket.terminate();
    },
    preClose: async () => {
      presence.letRunOut();
      events.close();
      await Promise.all([realms.close(), players.close(), instants.close()]);
    },
  });
  realms.addRoutes(app);
  players.addRoutes(app);
  instants.addRoutes(app);
  events.addRoutes(app);

  app.get("/healthz", () => ({ ok: true }));
  app.get("/metrics", async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()));
  app.get("/readyz", async (_request, reply) => {
    const ready = await feed.ready();
    const { held, resyncs } = feed.stats();
    reply.status(ready ? 200 : 503);
    const counts = { sockets: realms.count, players: players.count, instants: instants.count, streams: events.count };
    return { ready, role: "playserver", name, held, ...counts, resyncs };
  });
  return app;
};

const full = (most: number) =>
  new MusterError("OVERLOADED", `This playserver holds ${most} connections, as many as it may. Try again later.`, {
    retryAfterS: FULL_RETRY_AFTER_S,
  });

const sendProblem = (reply: FastifyReply, error: MusterError): FastifyReply => {
  const { retryAfterS } = error.details;
  // What a caller can name who asks what happened.
  reply.header("x-request-id", reply.request.id);
  if (retryAfterS !== undefined) reply.header("retry-after", retryAfterS);
  return reply
    .status(ERRORS[error.code].status)
    .type("application/problem+json")
    .serializer(JSON.stringify)
    .send(toProblem(error));
};
