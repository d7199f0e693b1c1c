import type { FastifyPluginCallbackTypebox } from "@fastify/type-provider-typebox";
import { BackfillRequest, Id, Match, MusterError } from "@muster/core";
import type { PlacesChange } from "@muster/store";
import { Type } from "typebox";
import { type ApiContext, queueNamed } from "../context.ts";
import { closePlaces, openPlaces } from "../open-places.ts";
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
  const change = async (id: string, how: (match: Match) => PlacesChange | undefined): Promise<Match> => {
    const match = await context.store.changeOpenPlaces(id, (name) => context.queues.get(name), how);
    if (match?.state === "ended") {
      throw new MusterError("MATCH_ENDED", `Match "${id}" has ended: nobody can join it or leave it any more.`);
    }
    return orNotFound(match, id);
  };

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

  app.post(
    "/v1/matches/:match/backfill",
    {
      schema: {
        tags: ["matches"],
        summary: "Look for players for a match that runs: whom it lost, and which places are open",
        description:
          "Players named in `lost` are idle at once and may queue again. Repeating a request changes nothing. Waiting tickets take the places as soon as they fit.",
        params: MatchParams,
        body: BackfillRequest,
        response: { 200: Match, ...problems(400, 404, 409, 503) },
      },
    },
    async ({ params, body }) =>
      change(params.match, (match) =>
        openPlaces(queueNamed(context, match.queue), match, body, context.store.clock.now()),
      ),
  );

  app.delete(
    "/v1/matches/:match/backfill",
    {
      schema: {
        tags: ["matches"],
        summary: "Take in nobody more; closing twice is no error",
        params: MatchParams,
        response: { 200: Match, ...problems(400, 404, 409, 503) },
      },
    },
    async ({ params }) => change(params.match, closePlaces),
  );
  done();
};
