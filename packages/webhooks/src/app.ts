import { ERRORS, MusterError, toProblem } from "@muster/core";
import type { Logger, Metrics } from "@muster/core/service";
import { type FastifyError, type FastifyInstance, type FastifyReply, fastify } from "fastify";
import type { ServedHook } from "./serve-hook.ts";

export interface AppDeps {
  name: string;
  hooks: ReadonlyMap<string, ServedHook>;
  /** Of what this process works for. @throws STORE_UNAVAILABLE when all are */
  unreachable(): Promise<string[]>;
  metrics: Pick<Metrics, "contentType" | "text">;
  log: Logger;
}

/** For the operator: how each hook does, and the switch that brings one back that was switched off. */
export const buildApp = ({ name, hooks, unreachable, metrics, log }: AppDeps): FastifyInstance => {
  const app = fastify({ logger: false, forceCloseConnections: true });
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    if (error instanceof MusterError) return sendProblem(reply, error);
    if (error.statusCode !== undefined && error.statusCode < 500) {
      return sendProblem(reply, new MusterError("INVALID", `${error.message}.`));
    }
    log.error({ err: error, method: request.method, url: request.url }, "a request failed");
    return sendProblem(reply, new MusterError("INTERNAL", "This is a defect in Muster. Its log says more."));
  });
  app.setNotFoundHandler((request, reply) =>
    sendProblem(
      reply,
      new MusterError(
        "ROUTE_NOT_FOUND",
        `There is no ${request.method} ${request.url} here: webhooks has GET /v1/webhooks and POST /v1/webhooks/{id}/resume.`,
      ),
    ),
  );

  const describe = async ({ hook, circuit, status }: ServedHook) => ({
    id: hook.id,
    url: hook.url,
    ...(hook.queues && { queues: [...hook.queues] }),
    events: [...hook.events],
    circuit: circuit(),
    ...(await status()),
  });

  app.get("/healthz", () => ({ ok: true }));
  app.get("/metrics", async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()));
  app.get("/readyz", async (_request, reply) => {
    const away = await unreachable();
    const ready = [...hooks.values()].every(({ isReady }) => isReady(away));
    reply.status(ready ? 200 : 503);
    return { ready, role: "webhooks", name, hooks: hooks.size, ...(away.length > 0 && { unreachable: away }) };
  });
  app.get("/v1/webhooks", async () => ({ webhooks: await Promise.all([...hooks.values()].map(describe)) }));
  app.post<{ Params: { id: string } }>("/v1/webhooks/:id/resume", async (request) => {
    const found = hooks.get(request.params.id);
    if (!found) throw new MusterError("ROUTE_NOT_FOUND", `There is no hook ${request.params.id}.`);
    await found.switchOn();
    log.info({ hook: found.hook.id }, "the hook is switched on");
    return describe(found);
  });
  return app;
};

const sendProblem = (reply: FastifyReply, error: MusterError): FastifyReply =>
  reply
    .status(ERRORS[error.code].status)
    .type("application/problem+json")
    .serializer(JSON.stringify)
    .send(toProblem(error));
