import type { FastifyPluginCallbackTypebox } from "@fastify/type-provider-typebox";
import { type Queue, QueueAnswer, QueuesAnswer } from "@muster/core";
import { Type } from "typebox";
import { type ApiContext, queueNamed } from "../context.ts";
import { problems } from "./problem-schemas.ts";

export const queueRoutes: FastifyPluginCallbackTypebox<{ context: ApiContext }> = (app, { context }, done) => {
  const views = async (queues: readonly Queue[]) => {
    const stats = await context.store.readQueueStats(queues.map(({ name }) => name));
    return queues.map((queue) => {
      const { depth = 0, openMatches = 0, waitMs = null } = stats.get(queue.name) ?? {};
      return { ...queue, depth, openMatches, waitMs, estimatedWaitMs: waitMs?.p50 ?? null };
    });
  };

  app.get(
    "/v1/queues",
    {
      schema: {
        tags: ["queues"],
        summary: "All queues: definition, depth and waits",
        response: { 200: QueuesAnswer, ...problems(503) },
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
        response: { 200: QueueAnswer, ...problems(404, 503) },
      },
    },
    async ({ params }) => {
      const [view] = await views([queueNamed(context, params.queue)]);
      return view as NonNullable<typeof view>;
    },
  );
  done();
};
