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
    (request) => readAnswer(context, request.params.player),
  );

  const presence = {
    disconnect: { summary: "Say that a player is away: its ticket waits on, unseen, for the grace of its queue" },
    reconnect: { summary: "Say that it is back: its ticket is in its old place" },
  } as const;
  for (const op of ["disconnect", "reconnect"] as const) {
    app.post(
      `/v1/players/:player/${op}`,
      {
        schema: {
          tags: ["players"],
          ...presence[op],
          params: Type.Object({ player: Id("The player.") }),
          response: { 200: PlayerAnswer, ...problems(400, 503) },
        },
      },
      async (request) => {
        const { player: id } = request.params;
        const queueOf = (name: string) => context.queues.get(name);
        await (op === "disconnect" ? context.store.markAway(queueOf, id) : context.store.markBack(queueOf, id));
        return readAnswer(context, id);
      },
    );
  }
  done();
};

const readAnswer = async ({ store }: ApiContext, id: string): Promise<PlayerAnswer> => {
  const { ticketVersion: _, ...view } = await store.readPlayer(id);
  return { id, ...view };
};
