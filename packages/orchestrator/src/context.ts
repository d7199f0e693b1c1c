import type { Access, RequireOrigin } from "@muster/access";
import type { Ids } from "@muster/core";
import { isInstant, MusterError, type Queue, type Queues } from "@muster/core";
import type { Metrics, Tracing } from "@muster/core/service";
import type { PlayersStore, RateLimits } from "@muster/store";
import type { Admissions } from "./admission.ts";
import type { NewTicketSearches } from "./search/new-ticket-searches.ts";

/** What the API's operations work with. */
export interface OperationContext {
  name: string;
  /** Of all partitions. */
  store: PlayersStore;
  queues: Queues;
  searches: Pick<NewTicketSearches, "add">;
  admission: Admissions;
  ids: Ids;
}

/** What its routes work with. */
export interface ApiContext extends OperationContext {
  access: Access;
  requireOrigin: RequireOrigin;
  metrics: Pick<Metrics, "contentType" | "text" | "distribution">;
  /** Whether it is about to stop: it still answers, and sends callers elsewhere. */
  isDraining?(): boolean;
  /** Absent: nothing is traced. */
  tracing?: Pick<Tracing, "now" | "step"> | undefined;
  /** Of callers whose keys or tokens say how often they may call; absent: nobody is counted. */
  rateLimits?: Pick<RateLimits, "take"> | undefined;
}

export const queueNamed = ({ queues }: Pick<ApiContext, "queues">, name: string): Queue => {
  const queue = queues.get(name);
  if (queue) return queue;
  throw new MusterError(
    "QUEUE_NOT_FOUND",
    `There is no queue "${name}". The queues are: ${[...queues.keys()].join(", ")}.`,
    {
      faults: [{ field: "queue", message: "names no queue" }],
    },
  );
};

/** @throws MusterError INVALID for the queue of instant matching, in which the API enqueues and changes nothing */
export const searchedQueueNamed = (context: Pick<ApiContext, "queues">, name: string): Queue => {
  const queue = queueNamed(context, name);
  if (!isInstant(queue)) return queue;
  throw new MusterError(
    "INVALID",
    `Queue "${name}" is for instant matching: its users wait and change what they want by WS /v1/instant, and nothing is searched for them.`,
    { faults: [{ field: "queue", message: "is the queue of instant matching" }] },
  );
};

export const noSuchTicket = (id: string) =>
  new MusterError(
    "TICKET_NOT_FOUND",
    `There is no ticket "${id}", or it ended so long ago that it is no longer kept. GET /v1/players/{id} tells where a player is now.`,
  );
