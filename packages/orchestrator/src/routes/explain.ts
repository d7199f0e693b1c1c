import type { FastifyPluginCallbackTypebox } from "@fastify/type-provider-typebox";
import { ExplainAnswer, Id, MusterError, ticketElo, toWaiting } from "@muster/core";
import { explain } from "@muster/matching";
import { unpackOpenMatch, unpackTicket } from "@muster/store";
import { Type } from "typebox";
import { type ApiContext, noSuchTicket, searchedQueueNamed } from "../context.ts";
import { widestRange } from "../search/widest-range.ts";
import { problems } from "./problem-schemas.ts";
import { estimateRemainingMs } from "./remaining-wait.ts";

/** Candidates that an explanation looks at: more than a search does, since it also tells of those that are refused. */
const CANDIDATES = 500;

export const explainRoutes: FastifyPluginCallbackTypebox<{ context: ApiContext }> = (app, { context }, done) => {
  const { store } = context;
  app.get(
    "/v1/tickets/:ticket/explain",
    {
      schema: {
        tags: ["tickets"],
        summary: "Why a ticket is not matched yet, and when its criteria widen next",
        params: Type.Object({ ticket: Id("The ticket's id.") }),
        response: { 200: ExplainAnswer, ...problems(400, 404, 409, 503) },
      },
    },
    async ({ params }) => {
      const ticket = await store.readTicket(params.ticket);
      if (!ticket) throw noSuchTicket(params.ticket);
      if (ticket.status !== "queued") {
        throw new MusterError("TICKET_OVER", `Ticket "${ticket.id}" waits no more: it is ${ticket.status}.`);
      }
      const queue = searchedQueueNamed(context, ticket.queue);
      const range = widestRange(queue, ticketElo(ticket.players), CANDIDATES);
      const [candidates, open, stats] = await Promise.all([
        store.readRange(queue.name, range),
        store.readOpenMatches(queue.name, range),
        store.readQueueStats([queue.name]),
      ]);
      const now = store.clock.now();
      const { id, version, tries, createdAt } = ticket;
      const waiting = { id, version, tries, createdAt, ...toWaiting(queue, ticket) };
      return {
        ticket: id,
        queue: queue.name,
        ...(ticket.away && { away: ticket.away }),
        ...explain({
          ...{ queue, ticket: waiting, now },
          ...{ candidates: candidates.map(unpackTicket), open: open.map(unpackOpenMatch) },
        }),
        estimatedWaitMs: estimateRemainingMs(stats.get(queue.name)?.waitMs ?? null, Math.max(0, now - createdAt)),
      };
    },
  );
  done();
};
