import type { FastifyPluginCallbackTypebox } from "@fastify/type-provider-typebox";
import { type Queue, QueueDefinition } from "@muster/core";
import { Type } from "typebox";
import { type ApiContext, queueNamed } from "../context.ts";
import { problems } from "./problem-schemas.ts";

const Percentiles = Type.Object({ p50: Type.Number(), p90: Type.Number(), p99: Type.Number() });

const QueueView = Type.Object({
  name: Type.String(),
  definition: QueueDefinition,
  depth: Type.Integer({ description: "Tickets that wait now." }),
  waitMs: Type.Union([Percentiles, Type.Null()], {
    description: "How long tickets waited that were matched in the last ten minutes; null when none was.",
  }),
  estimatedWaitMs: Type.Union([Type.Number(), Type.Null()], {
    description: "What a ticket that is enqueued now will wait in the median; null when nothing is known.",
  }),
});

export const queueRoutes: FastifyPluginCallbackTypebox<{ context: ApiContext }> = (app, { context }, done) => {
  const views = async (queues: readonly Queue[]) => {
    const stats = await context.store.readQueueStats(queues.map(({ name }) => name));
    return queues.map(({ name, ...definition }) => {
      const { depth = 0, waitMs = null } = stats.get(name) ?? {};
      return { name, definition, depth, waitMs, estimatedWaitMs: waitMs?.p50 ?? null };
    });
  };

  app.get(
    "/v1/queues",
    {
      schema: {
        tags: ["queues"],
        summary: "All queues: definition, depth and waits",
        response: { 200: Type.Object({ queues: Type.Array(QueueView) }), ...problems(503) },
      },
    },
    async () => ({ queues: await views([...context.queues.values()]) }),
  );

  app.get(
    "/v1/queues/:queue",
    {
      schema: {
        tags: ["queues"],
        summary: "One queue: definition, depth and waits",
        params: Type.Object({ queue: Type.String({ maxLength: 64 }) }),
        response: { 200: QueueView, ...problems(404, 503) },
      },
    },
    async ({ params }) => {
      const [view] = await views([queueNamed(context, params.queue)]);
      return view as NonNullable<typeof view>;
    },
  );
  done();
};
