import type { FastifyPluginCallbackTypebox } from "@fastify/type-provider-typebox";
import { Id, PlayerAnswer } from "@muster/core";
import { Type } from "typebox";
import type { ApiContext } from "../context.ts";
import { problems } from "./problem-schemas.ts";

export const playerRoutes: FastifyPluginCallbackTypebox<{ context: ApiContext }> = (app, { context }, done) => {
  app.get(
    "/v1/players/:player",
    {
      schema: {
        tags: ["players"],
        summary: "A player's state and last parameters; one that was never seen is idle",
        params: Type.Object({ player: Id("The player.") }),
        response: { 200: PlayerAnswer, ...problems(400, 503) },
      },
    },
    async (request) => {
      const { player: id } = request.params;
      const { ticketVersion: _, ...view } = await context.store.readPlayer(id);
      return { id, ...view };
    },
  );
  done();
};
