import type { FastifyPluginCallbackTypebox } from "@fastify/type-provider-typebox";
import { describeSockets } from "@muster/core/async-api";
import type { ApiContext } from "../context.ts";

/** For load balancers and supervisors; not part of the documented API. */
export const operationRoutes: FastifyPluginCallbackTypebox<{ context: ApiContext }> = (app, { context }, done) => {
  app.get("/healthz", { schema: { hide: true } }, async () => ({ ok: true }));
  app.get("/readyz", { schema: { hide: true } }, async (_, reply) => {
    const who = { role: "orchestrator", name: context.name };
    if (context.isDraining?.()) return reply.status(503).send({ ready: false, reason: "it is stopping", ...who });
    await context.store.ping();
    return { ready: true, ...who };
  });
  app.get("/metrics", { schema: { hide: true } }, async (_, reply) =>
    reply.type(context.metrics.contentType).send(await context.metrics.text()),
  );
  app.get("/openapi.json", { schema: { hide: true } }, async () => app.swagger());
  app.get("/asyncapi.json", { schema: { hide: true } }, async () => describeSockets());
  done();
};
