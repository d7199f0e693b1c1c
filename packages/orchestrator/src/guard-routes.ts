import { type Caller, credentialOf } from "@muster/access";
import { MusterError } from "@muster/core";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ApiContext } from "./context.ts";
import { ROUTE_RULES } from "./route-rules.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Who calls; of every call of /v1/ where keys are in use. */
    caller: Caller;
  }
}

const PREFIX = "/v1/";

/**
 * Where keys are in use, has every call of the API show who makes it, counts it where there is a limit, and holds it
 * against its route's rule. What lies outside /v1/ is for probes and readers of the documentation, and open.
 *
 * To be called before any route is registered.
 */
export const guardRoutes = (app: FastifyInstance, context: ApiContext): void => {
  const { access } = context;
  app.addHook("onRoute", ({ method, url }) => {
    if (!url.startsWith(PREFIX)) return;
    for (const each of [method].flat()) {
      if (each !== "HEAD" && !ROUTE_RULES[`${each} ${url}`]) throw new Error(`${each} ${url} has no rule of access`);
    }
  });
  if (!access.isOn) return;

  app.decorateRequest("caller");
  app.addHook("onRequest", async (request) => {
    if (request.url.startsWith(PREFIX)) request.caller = await access.callerOf(credentialOf(request.headers));
  });
  app.addHook("preHandler", async (request) => {
    const { url = "" } = request.routeOptions;
    if (!url.startsWith(PREFIX)) return;
    await takeTurn(context, request);
    const rule = ROUTE_RULES[`${request.method === "HEAD" ? "GET" : request.method} ${url}`];
    // The route's schema has checked what a rule looks at.
    await rule?.(request.caller, request as Parameters<typeof rule>[1], context);
  });
};

/** @throws MusterError TOO_MANY_REQUESTS */
const takeTurn = async ({ access, rateLimits }: ApiContext, { caller, body }: FastifyRequest): Promise<void> => {
  const perSecond = access.perSecond(caller);
  if (perSecond === undefined || !rateLimits || caller.kind === "anyone") return;
  const subject = caller.kind === "realm" ? `key:${caller.key}` : `player:${caller.player}`;
  const waitMs = await rateLimits.take(subject, perSecond, Math.min(perSecond, callsIn(body)));
  if (waitMs === 0) return;
  throw new MusterError(
    "TOO_MANY_REQUESTS",
    `${perSecond} calls a second are the most; a batch is one for each ticket.`,
    {
      retryAfterS: Math.ceil(waitMs / 1_000),
    },
  );
};

const callsIn = (body: unknown): number =>
  typeof body === "object" && body !== null && "tickets" in body && Array.isArray(body.tickets)
    ? body.tickets.length
    : 1;
