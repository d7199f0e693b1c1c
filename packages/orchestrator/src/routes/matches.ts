import type { FastifyPluginCallbackTypebox } from "@fastify/type-provider-typebox";
import { Id, Match, MusterError } from "@muster/core";
import { Type } from "typebox";
import type { ApiContext } from "../context.ts";
import { problems } from "./problem-schemas.ts";

const MatchParams = Type.Object({ match: Id("The match's id.") });

const orNotFound = (match: Match | null, id: string): Match => {
  if (match) return match;
  throw new MusterError(
    "MATCH_NOT_FOUND",
    `There is no match "${id}", or it ended so long ago that it is no longer kept.`,
  );
};

export const matchRoutes: FastifyPluginCallbackTypebox<{ context: ApiContext }> = (app, { context }, done) => {
  app.get(
    "/v1/matches/:match",
    {
      schema: {
        tags: ["matches"],
        summary: "A match: teams, players, when it began and ends",
        params: MatchParams,
        response: { 200: Match, ...problems(400, 404, 503) },
      },
    },
    async ({ params }) => orNotFound(await context.store.readMatch(params.match), params.match),
  );

  app.post(
    "/v1/matches/:match/end",
    {
      schema: {
        tags: ["matches"],
        summary: "End a match: its players are idle again; ending it twice is no error",
        params: MatchParams,
        response: { 200: Match, ...problems(400, 404, 503) },
      },
    },
    async ({ params }) => orNotFound(await context.store.endMatch(params.match), params.match),
  );
  done();
};
