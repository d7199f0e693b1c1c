import type { IncomingHttpHeaders } from "node:http";
import { type FastifyPluginCallbackTypebox, TypeBoxValidatorCompiler } from "@fastify/type-provider-typebox";
import type { Caller } from "@muster/access";
import {
  BatchAnswer,
  type BatchResult,
  CancelAnswer,
  Id,
  MusterError,
  NewTicketRequest,
  Ticket,
  TicketChange,
  toProblem,
} from "@muster/core";
import { Type } from "typebox";
import { Compile } from "typebox/compile";
import { change } from "../change.ts";
import { type ApiContext, noSuchTicket, searchedQueueNamed } from "../context.ts";
import { enqueue } from "../enqueue.ts";
import { invalidRequest } from "../problem-replies.ts";
import { problems } from "./problem-schemas.ts";

export const BATCH_MAX = 500;

const QueueParams = Type.Object({ queue: Type.String({ maxLength: 64 }) });
const TicketParams = Type.Object({ ticket: Id("The ticket's id.") });

const EnqueueHeaders = Type.Object({
  "idempotency-key": Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      pattern: "^[\\x21-\\x7e]+$",
      description: "The same key with the same body gives the same answer, at whichever orchestrator.",
    }),
  ),
});

const ticketRequest = Compile(NewTicketRequest);

export const ticketRoutes: FastifyPluginCallbackTypebox<{ context: ApiContext }> = (app, { context }, done) => {
  app.post(
    "/v1/queues/:queue/tickets",
    {
      schema: {
        tags: ["tickets"],
        summary: "Enqueue a player, or a party that stays together",
        params: QueueParams,
        headers: EnqueueHeaders,
        body: NewTicketRequest,
        response: { 201: Ticket, ...problems(400, 404, 409, 413, 422, 429, 503) },
      },
    },
    async (request, reply) => {
      const queue = searchedQueueNamed(context, request.params.queue);
      const since = context.tracing?.now();
      const [result] = await enqueue(context, queue, [request.body], keyOf(request));
      trace(context, request.headers, since, [result]);
      if (!result || result instanceof MusterError) throw result;
      return reply.status(201).header("location", `/v1/tickets/${result.id}`).send(result);
    },
  );

  app.post(
    "/v1/queues/:queue/tickets/batch",
    {
      // Each ticket is checked by itself below: one that is faulty must not cost the others their place.
      validatorCompiler: (part) => (part.httpPart === "body" ? checkBatchShape : TypeBoxValidatorCompiler(part)),
      schema: {
        tags: ["tickets"],
        summary: "Enqueue up to 500 tickets, each by itself; results in order",
        params: QueueParams,
        headers: EnqueueHeaders,
        body: Type.Object(
          { tickets: Type.Array(NewTicketRequest, { minItems: 1, maxItems: BATCH_MAX }) },
          {
            additionalProperties: false,
            examples: [
              { tickets: [{ players: [{ id: "ann", elo: 1_200 }] }, { players: [{ id: "bob", elo: 1_180 }] }] },
            ],
          },
        ),
        response: { 200: BatchAnswer, ...problems(400, 404, 413, 503) },
      },
    },
    async (request) => {
      const queue = searchedQueueNamed(context, request.params.queue);
      const { tickets } = request.body;
      const faults = tickets.map((ticket) =>
        ticketRequest.Check(ticket) ? undefined : invalidRequest(ticketRequest.Errors(ticket)),
      );
      const valid = tickets.filter((_, index) => !faults[index]);
      const since = context.tracing?.now();
      const enqueued = await enqueue(context, queue, valid, keyOf(request));
      trace(context, request.headers, since, enqueued);
      const results = enqueued.values();
      return { results: tickets.map((_, index) => toBatchResult(faults[index] ?? results.next().value)) };
    },
  );

  app.get(
    "/v1/tickets/:ticket",
    {
      schema: {
        tags: ["tickets"],
        summary: "Read a ticket, also for a while after it ended",
        params: TicketParams,
        response: { 200: Ticket, ...problems(400, 404, 503) },
      },
    },
    async (request) => {
      const ticket = await context.store.readTicket(request.params.ticket);
      if (!ticket) throw noSuchTicket(request.params.ticket);
      return ticket;
    },
  );

  app.patch(
    "/v1/tickets/:ticket",
    {
      schema: {
        tags: ["tickets"],
        summary: "Change a waiting ticket's parameters; it keeps its place",
        params: TicketParams,
        body: TicketChange,
        response: { 200: Ticket, ...problems(400, 404, 409, 413, 422, 503) },
      },
    },
    (request) => change(context, request.params.ticket, request.body),
  );

  app.delete(
    "/v1/tickets/:ticket",
    {
      schema: {
        tags: ["tickets"],
        summary: "Cancel a ticket; answers with its one true outcome",
        params: TicketParams,
        response: { 200: CancelAnswer, ...problems(400, 404, 503) },
      },
    },
    async (request) => {
      const ended = await context.store.endTicket(request.params.ticket, "cancelled");
      if (!ended) throw noSuchTicket(request.params.ticket);
      if (ended.outcome !== "matched") return { outcome: ended.outcome };
      const match = await context.store.readMatch(ended.match);
      if (!match) throw noSuchTicket(request.params.ticket);
      return { outcome: ended.outcome, match };
    },
  );

  done();
};

/** Two realms, or two players, may have thought of the same key. */
/** Begins the traces of tickets that were accepted. */
const trace = (
  { tracing }: ApiContext,
  { traceparent }: IncomingHttpHeaders,
  since: number | undefined,
  results: readonly (Ticket | MusterError | undefined)[],
): void => {
  if (!tracing || since === undefined) return;
  for (const result of results) {
    if (!result || result instanceof MusterError) continue;
    const attributes = { "muster.queue": result.queue, "muster.players": result.players.length };
    tracing.step(result.id, "enqueue", since, attributes, typeof traceparent === "string" ? traceparent : undefined);
  }
};

const keyOf = ({
  headers,
  caller,
}: {
  headers: { "idempotency-key"?: string };
  caller?: Caller;
}): string | undefined => {
  const key = headers["idempotency-key"];
  if (key === undefined || !caller || caller.kind === "anyone") return key;
  return `${key}\n${caller.kind === "realm" ? `realm ${caller.realm}` : `player ${caller.player}`}`;
};

const checkBatchShape = (body: unknown) => {
  const tickets = typeof body === "object" && body !== null && "tickets" in body ? body.tickets : undefined;
  if (Array.isArray(tickets) && tickets.length >= 1 && tickets.length <= BATCH_MAX) return { value: body };
  return {
    error: invalidRequest([{ instancePath: "/tickets", message: `must be a list of 1 to ${BATCH_MAX} tickets` }]),
  };
};

const toBatchResult = (result: Ticket | MusterError | undefined): BatchResult => {
  if (result && !(result instanceof MusterError)) return { status: 201, ticket: result };
  const error = toProblem(result ?? new MusterError("INTERNAL", "The store gave no answer for this ticket."));
  return { status: error.status, error };
};
