import type { FastifyPluginCallbackTypebox } from "@fastify/type-provider-typebox";
import {
  acceptMatch,
  BackfillRequest,
  closePlaces,
  declineMatch,
  Id,
  joinMatch,
  leaveMatch,
  Match,
  type MatchChange,
  MatchEndRequest,
  MatchPlayerRequest,
  MusterError,
  openPlaces,
  type Queue,
  spectateMatch,
} from "@muster/core";
import type { DecideChange } from "@muster/store";
import { Type } from "typebox";
import type { ApiContext } from "../context.ts";
import { endRated } from "../end-rated.ts";
import { searchForPlaces } from "../search/search-for-places.ts";
import { problems } from "./problem-schemas.ts";

const MatchParams = Type.Object({ match: Id("The match's id.") });

const orNotFound = (match: Match | null, id: string): Match => {
  if (match) return match;
  throw new MusterError(
    "MATCH_NOT_FOUND",
    `There is no match "${id}", or it ended so long ago that it is no longer kept.`,
  );
};

/** What a player does with its match: `POST /v1/matches/{id}/{name}` with the player in the body. */
const PLAYER_CALLS: readonly {
  name: string;
  summary: string;
  description: string;
  decide: (queue: Queue, match: Match, player: string, now: number) => MatchChange | undefined;
  opensPlaces?: boolean;
}[] = [
  {
    name: "accept",
    summary: "Accept a match in its ready check",
    description: "With the last player the match is formed. Accepting twice is no error.",
    decide: acceptMatch,
  },
  {
    name: "decline",
    summary: "Decline a match in its ready check",
    description:
      "The match dissolves. Tickets whose players have all accepted are back at the front of the queue, with the time that they waited and their tries; the others are cancelled. Declining twice is no error.",
    decide: declineMatch,
  },
  {
    name: "join",
    summary: "Arrive at the match",
    description: "Answers with the match, team mates included. Joining twice is no error.",
    decide: joinMatch,
  },
  {
    name: "leave",
    summary: "Leave the match, or stop watching it",
    description: "The player is idle at once. In queues with backfill its place is open. Leaving twice is no error.",
    decide: leaveMatch,
    opensPlaces: true,
  },
  {
    name: "spectate",
    summary: "Watch the match",
    description: "An idle player is in state inspector until it leaves or the match ends; it can't queue meanwhile.",
    decide: (_, match, player) => spectateMatch(match, player),
  },
];

export const matchRoutes: FastifyPluginCallbackTypebox<{ context: ApiContext }> = (app, { context }, done) => {
  const change = async (id: string, decide: DecideChange): Promise<Match> =>
    orNotFound(await context.store.changeMatch(id, (name) => context.queues.get(name), decide), id);
  /** For what may open places of a match. */
  const changeAndFill = async (id: string, decide: DecideChange): Promise<Match> => {
    let isChanged = false;
    const match = await change(id, async (...standing) => {
      const decided = await decide(...standing);
      isChanged = decided !== undefined;
      return decided;
    });
    // The match is changed whatever comes of this, and who waits is looked after all the same.
    const failed = (error: unknown) =>
      app.log.warn({ err: error, match: id }, "nobody was asked for open places at once");
    if (isChanged) await searchForPlaces(context, match).catch(failed);
    return match;
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

  for (const { name, summary, description, decide, opensPlaces } of PLAYER_CALLS) {
    const carryOut = opensPlaces ? changeAndFill : change;
    app.post(
      `/v1/matches/:match/${name}`,
      {
        schema: {
          tags: ["matches"],
          ...{ summary, description },
          params: MatchParams,
          body: MatchPlayerRequest,
          response: { 200: Match, ...problems(400, 403, 404, 409, 503) },
        },
      },
      async ({ params, body }) => carryOut(params.match, (queue, match, now) => decide(queue, match, body.player, now)),
    );
  }

  app.post(
    "/v1/matches/:match/end",
    {
      schema: {
        tags: ["matches"],
        summary: "End a match, with how it went: its players are idle again; ending it twice is no error",
        description:
          "How it went is taken once, also when the match has ended by its time or without players. Who never joined has not played.",
        params: MatchParams,
        body: Type.Union([MatchEndRequest, Type.Null()], { examples: [{ scores: { ann: 3, bob: 1 } }] }),
        response: { 200: Match, ...problems(400, 404, 409, 503) },
      },
    },
    async ({ params, body }) =>
      change(params.match, (queue, match, now) => endRated(context.store, queue, match, body ?? {}, now)),
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
    async ({ params, body }) => changeAndFill(params.match, (queue, match, now) => openPlaces(queue, match, body, now)),
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
    async ({ params }) => change(params.match, (_, match) => closePlaces(match)),
  );
  done();
};
