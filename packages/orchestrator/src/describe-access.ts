import type { FastifyInstance } from "fastify";
import { isForRealms } from "./route-rules.ts";
import { problems } from "./routes/problem-schemas.ts";

const PREFIX = "/v1/";

export const SECURITY_SCHEMES = {
  realmKey: {
    type: "http",
    scheme: "bearer",
    description: "Where keys are in use: a realm's API key, `mk_…`, for all calls, in the queues that the key is for.",
  },
  playerToken: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "Where keys are in use: a JWT of a player that its realm has signed. The player acts for itself only.",
  },
} as const;

type Requirement = Partial<Record<keyof typeof SECURITY_SCHEMES, []>>;

/** What a call must show. @param hasKeys whether keys are in use here; where they aren't, nothing will do too */
const securityOf = (route: string, hasKeys: boolean): Requirement[] => {
  const anyone: Requirement[] = hasKeys ? [] : [{}];
  const players: Requirement[] = isForRealms(route) ? [] : [{ playerToken: [] }];
  return [...anyone, { realmKey: [] }, ...players];
};

/**
 * Adds to the description of each route of the API what it has in common with the others: who may call it, and what a call
 * is answered before the route itself looks at it.
 *
 * To be called before any route is registered.
 */
export const describeAccess = (app: FastifyInstance, hasKeys: boolean): void => {
  app.addHook("onRoute", (route) => {
    const { url, method, schema } = route;
    if (!url.startsWith(PREFIX) || !schema) return;
    const inBody = schema.body === undefined ? [] : [400, 413, 415];
    schema.response = { ...problems(401, 403, 429, ...inBody), ...(schema.response as object) };
    schema.security = securityOf(`${[method].flat()[0]} ${url}`, hasKeys);
  });
};
