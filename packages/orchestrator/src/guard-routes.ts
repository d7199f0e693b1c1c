import { type Caller, credentialOf } from "@muster/access";
import { MusterError } from "@muster/core";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ApiContext } from "./context.ts";
import { ROUTE_RULES } from "./route-rules.ts";
import { BATCH_MAX } from "./routes/tickets.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Who calls; of every call of /v1/ where keys are in use. */
    caller: Caller;
  }
}

const PREFIX = "/v1/";

/**
 * Lets no page change anything that may not call. Where keys are in use, has every call of the API show who makes it,
 * counts it where there is a limit, and holds it against its route's rule. What lies outside /v1/ is for probes and readers of the documentation, and open.
 *
 * To be called before any route is registered.
 */
export const guardRoutes = (app: FastifyInstance, context: ApiContext): void => {
  const { access, requireOrigin } = context;
  app.addHook("onRoute", ({ method, url }) => {
    if (!url.startsWith(PREFIX)) return;
    for (const each of [method].flat()) {
      if (each !== "HEAD" && !ROUTE_RULES[`${each} ${url}`]) throw new Error(`${each} ${url} has no rule of access`);
    }
  });
  app.decorateRequest("caller");
  app.addHook("onRequest", async (request) => {
    // The route, not the address: that may be written in many ways.
    const { url = "" } = request.routeOptions;
    if (!url.startsWith(PREFIX)) return;
    if (request.method !== "GET" && request.method !== "HEAD") requireOrigin(request.headers);
    if (access.isOn) request.caller = await access.callerOf(credentialOf(request.headers));
  });
  if (!access.isOn) return;

  // Before the schema's check: what is refused there was a call too.
  app.addHook("preValidation", async (request) => {
    if (request.routeOptions.url?.startsWith(PREFIX)) await takeTurn(context, request);
  });
  app.addHook("preHandler", async (request) => {
    const { url = "" } = request.routeOptions;
    if (!url.startsWith(PREFIX)) return;
    const rule = ROUTE_RULES[`${request.method === "HEAD" ? "GET" : request.method} ${url}`];
    // The route's schema has checked what a rule looks at.
    await rule?.(request.caller, request as Parameters<typeof rule>[1], context);
  });
};

/** @throws MusterError TOO_MANY_REQUESTS */
const takeTurn = async ({ access, rateLimits }: ApiContext, { caller, body }: FastifyRequest): Promise<void> => {
  for (const { of, subject, perSecond } of access.limitsOf(caller)) {
    const waitMs = await rateLimits?.take(subject, perSecond, callsIn(body));
    if (!waitMs) continue;
    const retryAfterS = Math.ceil(waitMs / 1_000);
    const whose = of === "realm" ? " with all keys of this realm together" : "";
    throw new MusterError(
      "TOO_MANY_REQUESTS",
      `${perSecond} calls a second${whose} are the most; a batch is one for each ticket. Call again in ${retryAfterS} s.`,
      { retryAfterS },
    );
  }
};

/** @param body not checked so far; a batch of more than there may be is refused, and one call */
const callsIn = (body: unknown): number =>
  typeof body === "object" && body !== null && "tickets" in body && Array.isArray(body.tickets)
    ? Math.max(1, body.tickets.length <= BATCH_MAX ? body.tickets.length : 1)
    : 1;
