import type { FastifyPluginCallbackTypebox } from "@fastify/type-provider-typebox";
import { Id, RatingsAnswer } from "@muster/core";
import { Type } from "typebox";
import type { ApiContext } from "../context.ts";
import { problems } from "./problem-schemas.ts";

export const ratingRoutes: FastifyPluginCallbackTypebox<{ context: ApiContext }> = (app, { context }, done) => {
  app.get(
    "/v1/players/:player/ratings",
    {
      schema: {
        tags: ["players"],
        summary: "A player's ratings in queues that keep them; none before its first rated match",
        params: Type.Object({ player: Id("The player.") }),
        response: { 200: RatingsAnswer, ...problems(400, 503) },
      },
    },
    async (request) => {
      const { player: id } = request.params;
      const kept = await context.store.readPlayerRatings(id);
      const ratings = [...kept].map(([queue, { elo, matches }]) => [queue, { elo, matches }] as const);
      return { id, ratings: Object.fromEntries(ratings) };
    },
  );
  done();
};
