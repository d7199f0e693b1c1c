import type { FastifyPluginCallbackTypebox } from "@fastify/type-provider-typebox";
import { Id, Player, PlayerStateName } from "@muster/core";
import { Type } from "typebox";
import type { ApiContext } from "../context.ts";
import { problems } from "./problem-schemas.ts";

const PlayerView = Type.Object({
  id: Id("The player."),
  state: PlayerStateName,
  version: Type.Integer({ description: "Rises with each change; 0 when the player was never seen." }),
  at: Type.Integer({ description: "When this state began, ms since the epoch." }),
  tries: Type.Integer({ description: "Searches without a match that a next ticket begins with." }),
  queue: Type.Optional(Type.String()),
  ticket: Type.Optional(Id("The ticket it is in, or was in last.")),
  match: Type.Optional(Id("The match it is in.")),
  parameters: Type.Optional(Player),
});

export const playerRoutes: FastifyPluginCallbackTypebox<{ context: ApiContext }> = (app, { context }, done) => {
  app.get(
    "/v1/players/:player",
    {
      schema: {
        tags: ["players"],
        summary: "A player's state and last parameters; one that was never seen is idle",
        params: Type.Object({ player: Id("The player.") }),
        response: { 200: PlayerView, ...problems(400, 503) },
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
