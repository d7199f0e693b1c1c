import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import { TypeBoxValidatorCompiler } from "@fastify/type-provider-typebox";
import { createRequestIds, type Logger } from "@muster/core/service";
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from "fastify";
import type { ApiContext } from "./context.ts";
import { describeAccess, SECURITY_SCHEMES } from "./describe-access.ts";
import { describePlayerEvents } from "./describe-player-events.ts";
import { guardRoutes } from "./guard-routes.ts";
import { buildLazySerializer } from "./lazy-serializers.ts";
import { replyWithProblems } from "./problem-replies.ts";
import { explainRoutes } from "./routes/explain.ts";
import { matchRoutes } from "./routes/matches.ts";
import { operationRoutes } from "./routes/operations.ts";
import { playerRoutes } from "./routes/players.ts";
import { queueRoutes } from "./routes/queues.ts";
import { ratingRoutes } from "./routes/ratings.ts";
import { ticketRoutes } from "./routes/tickets.ts";

const BODY_LIMIT = 256 * 1024;
/** Longer than nginx keeps its connections, so that nginx never sends a request into one that is being closed. */
const KEEP_ALIVE_MS = 65_000;

export const buildApp = async (context: ApiContext, log: Logger): Promise<FastifyInstance> => {
  const app = fastify({
    loggerInstance: log as FastifyBaseLogger,
    // A line per request costs as much as the request; what goes wrong is logged where it goes wrong.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: createRequestIds(),
    bodyLimit: BODY_LIMIT,
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: 10_000,
    // What came before it closed is answered as ever; to refuse it would fail calls that nginx may not repeat.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 128 },
    schemaController: { compilersFactory: { buildSerializer: buildLazySerializer } },
  });
  app.setValidatorCompiler(TypeBoxValidatorCompiler);
  replyWithProblems(app);
  // Behind a load balancer, whoever looks into an answer wants to know whose log to read.
  app.addHook("onRequest", (_, reply, done) => {
    reply.header("x-muster-instance", context.name);
    if (context.isDraining?.()) reply.header("connection", "close");
    done();
  });
  guardRoutes(app, context);
  describeAccess(app, context.access.isOn);
  const seconds = context.metrics.distribution({
    ...{
      name: "muster_http_request_duration_seconds",
      help: "From a call to its answer, by method, route and status.",
    },
    labels: ["method", "route", "status"],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  });
  app.addHook("onResponse", (request, reply, done) => {
    // The route, not the address: ids would make a series each.
    const { url = "none" } = request.routeOptions;
    seconds.observe(reply.elapsedTime / 1_000, request.method, url, String(reply.statusCode));
    done();
  });
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Muster",
        version: "1",
        description:
          "Enqueue tickets, cancel them, read players, matches and queues. Players' states are pushed: by WebSocket at " +
          '/v1/realm, after `{"op":"watch","players":["ann"]}`, to a player itself at /v1/play?player=ID, and as server-sent events at /v1/players/{id}/events.',
      },
      components: { securitySchemes: SECURITY_SCHEMES },
      paths: describePlayerEvents(context.access.isOn),
    },
  });
  await app.register(swaggerUi, { routePrefix: "/docs" });
  for (const routes of [
    ticketRoutes,
    explainRoutes,
    playerRoutes,
    ratingRoutes,
    matchRoutes,
    queueRoutes,
    operationRoutes,
  ]) {
    await app.register(routes, { context });
  }
  return app;
};
