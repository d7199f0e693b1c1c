import type { RealmClient } from "@muster/client";
import type { TicketRequest } from "@muster/core";
import type { Recorder } from "./recorder.ts";

const EVERY_MS = 150;

export interface Batches {
  /** Sends a ticket together with those of others for the same queue and realm. Resolves when it is answered. */
  enqueue(realm: RealmClient, queue: string, request: TicketRequest): Promise<void>;
  /** Succeeds when all are answered. */
  close(): Promise<void>;
}

interface Waiting {
  realm: RealmClient;
  queue: string;
  request: TicketRequest;
  answered: () => void;
}

/** Gathers tickets into batches, each recorded by its own result; one that had no answer is sent again. */
export const startBatches = (record: Recorder["record"]): Batches => {
  let waiting: Waiting[] = [];
  let count = 0;

  const send = async (batch: readonly Waiting[]): Promise<void> => {
    const [first] = batch;
    if (!first) return;
    const key = `batch-${count++}`;
    const requests = batch.map(({ request }) => request);
    const facts = requests.map(({ players }, index) => ({
      ...{ call: "enqueue" as const, players: players.map(({ id }) => id), key: `${key}/${index}` },
    }));
    for (let attempt = 0; attempt < 2; attempt++) {
      const answer = await record(
        facts,
        () => first.realm.enqueueBatch(first.queue, requests, { idempotencyKey: key }),
        (results) =>
          requests.map((_, index) => {
            const { ticket, status = 0, error } = results[index] ?? {};
            if (ticket) return { ticket: ticket.id };
            return {
              outcome: status >= 400 && status < 500 ? "refused" : "unknown",
              ...(error && { code: error.code }),
            };
          }),
      );
      if (answer) break;
    }
    for (const { answered } of batch) answered();
  };
  const flush = async (): Promise<void> => {
    const byRealm = [...Map.groupBy(waiting, ({ realm }) => realm).values()];
    waiting = [];
    const batches = byRealm.flatMap((own) => [...Map.groupBy(own, ({ queue }) => queue).values()]);
    await Promise.all(batches.map(send));
  };
  const timer = setInterval(() => void flush(), EVERY_MS);

  return {
    enqueue: (realm, queue, request) =>
      new Promise((resolve) => {
        waiting.push({ realm, queue, request, answered: resolve });
      }),
    close: async () => {
      clearInterval(timer);
      await flush();
    },
  };
};
