import { type Caller, requireQueue, requireRealm, requireSelf } from "@muster/access";
import { type Match, MusterError, playersOf, type Ticket } from "@muster/core";
import type { FastifyRequest } from "fastify";
import type { ApiContext } from "./context.ts";

/** @throws MusterError FORBIDDEN unless the caller may make a call. It is asked once the call's form is known to be good. */
export type RouteRule = (caller: Caller, request: RuledRequest, context: ApiContext) => void | Promise<void>;

/** What rules look at. Each route's schema has checked what is there. */
interface RuledRequest extends Pick<FastifyRequest, "params" | "body"> {
  params: { queue?: string; ticket?: string; match?: string; player?: string };
  body: { players?: { id: string }[]; player?: string } | null | undefined;
}

const inQueue: RouteRule = (caller, { params }) => requireQueue(caller, params.queue ?? "");

const inQueueByRealm: RouteRule = (caller, request, context) => {
  requireRealm(caller);
  return inQueue(caller, request, context);
};

const aboutPlayer: RouteRule = (caller, { params }) => requireSelf(caller, params.player ?? "");

/** The caller's own queue and, of players, their own ticket; what isn't there is left to the route to say. */
const inTicket = async (caller: Caller, request: RuledRequest, { store }: ApiContext): Promise<Ticket | undefined> => {
  if (!isBounded(caller)) return undefined;
  const ticket = await store.readTicket(request.params.ticket ?? "");
  if (!ticket) return undefined;
  requireQueue(caller, ticket.queue);
  if (caller.kind === "player" && !ticket.players.some(({ id }) => id === caller.player)) throw notYours("ticket");
  return ticket;
};

const inMatch = async (caller: Caller, request: RuledRequest, { store }: ApiContext): Promise<void> => {
  if (!isBounded(caller)) return;
  const match = await store.readMatch(request.params.match ?? "");
  if (!match) return;
  requireQueue(caller, match.queue);
  if (caller.kind === "player" && !isOf(match, caller.player)) throw notYours("match");
};

/** Realms share their players; but who acts for one that is in a queue of others, acts in that queue. */
const presence: RouteRule = async (caller, { params }, { store }) => {
  requireRealm(caller);
  if (!isBounded(caller)) return;
  const [queue] = await store.readPlayerQueues([params.player ?? ""]);
  if (queue !== undefined) requireQueue(caller, queue);
};

const ofTicket: RouteRule = async (caller, request, context) => void (await inTicket(caller, request, context));

const ofMatchByRealm: RouteRule = (caller, request, context) => {
  requireRealm(caller);
  return inMatch(caller, request, context);
};

/** What a player does in a match; to watch one, it need not be of it. */
const asPlayer: RouteRule = (caller, request, context) => {
  requireSelf(caller, request.body?.player ?? "");
  return caller.kind === "player" ? undefined : inMatch(caller, request, context);
};

/** Parties are queued by their realm: nobody else knows that all of them agree. */
const alone = (caller: Caller, players: readonly { id: string }[]): void => {
  for (const { id } of players) requireSelf(caller, id);
};

/** Who may do what, by method and route. A route of the API that isn't here can't be registered. */
export const ROUTE_RULES: Readonly<Record<string, RouteRule>> = {
  "GET /v1/queues": () => {},
  "GET /v1/queues/:queue": inQueue,
  "POST /v1/queues/:queue/tickets": (caller, request, context) => {
    alone(caller, request.body?.players ?? []);
    return inQueue(caller, request, context);
  },
  "POST /v1/queues/:queue/tickets/batch": inQueueByRealm,
  "GET /v1/tickets/:ticket": ofTicket,
  "GET /v1/tickets/:ticket/explain": ofTicket,
  "PATCH /v1/tickets/:ticket": async (caller, request, context) => {
    const ticket = await inTicket(caller, request, context);
    alone(caller, [...(ticket?.players ?? []), ...(request.body?.players ?? [])]);
  },
  // Also for one of a party: nobody is to be kept waiting who would rather not, and a party waits as a whole or not.
  "DELETE /v1/tickets/:ticket": ofTicket,
  "GET /v1/players/:player": aboutPlayer,
  "GET /v1/players/:player/ratings": aboutPlayer,
  "POST /v1/players/:player/disconnect": presence,
  "POST /v1/players/:player/reconnect": presence,
  "GET /v1/matches/:match": inMatch,
  "POST /v1/matches/:match/accept": asPlayer,
  "POST /v1/matches/:match/decline": asPlayer,
  "POST /v1/matches/:match/join": asPlayer,
  "POST /v1/matches/:match/leave": asPlayer,
  "POST /v1/matches/:match/spectate": asPlayer,
  "POST /v1/matches/:match/end": ofMatchByRealm,
  "POST /v1/matches/:match/backfill": ofMatchByRealm,
  "DELETE /v1/matches/:match/backfill": ofMatchByRealm,
};

const BY_REALMS: readonly (RouteRule | undefined)[] = [inQueueByRealm, ofMatchByRealm, presence];

/** Whether a route, as in ROUTE_RULES, is for realms only, whatever a player asks for. */
export const isForRealms = (route: string): boolean => BY_REALMS.includes(ROUTE_RULES[route]);

/** Whether it matters to the caller whose ticket or match it is. Else nothing needs to be read. */
const isBounded = (caller: Caller): boolean =>
  caller.kind === "player" || (caller.kind === "realm" && caller.queues !== undefined);

const isOf = (match: Match, player: string): boolean =>
  [...playersOf(match), ...(match.left ?? [])].some(({ id }) => id === player) ||
  (match.spectators ?? []).includes(player);

const notYours = (what: string) => new MusterError("FORBIDDEN", `This ${what} is not one of the token's player.`);
