import { setTimeout as sleep } from "node:timers/promises";
import { createOriginRule, openAccess } from "@muster/access";
import { createMetrics, readQueues, type Service, systemClock, systemIds, VERSION } from "@muster/core/service";
import { openProducer, openRateLimits, openStore, type Store, startBeats } from "@muster/store";
import { createAdmission } from "./admission.ts";
import { buildApp } from "./app.ts";
import { type OrchestratorConfig, readConfig } from "./config.ts";
import { createNewTicketSearches } from "./search/new-ticket-searches.ts";

/** Serves the HTTP API and has new tickets searched for. Any number of them may run. */
export const orchestrator: Service<OrchestratorConfig> = {
  role: "orchestrator",
  readConfig,
  async start(config, log) {
    const name = config.MUSTER_NAME ?? `orchestrator-${process.pid}`;
    const queues = await readQueues(config.MUSTER_QUEUES);
    const url = config.REDIS_URL;
    await using held = new AsyncDisposableStack();
    const store = held.adopt(
      await openStore({ url, partition: config.MUSTER_PARTITION, name, clock: systemClock }),
      (opened) => opened.close(),
    );
    const producer = held.adopt(openProducer("search", { url, keys: store.keys, name }), (opened) => opened.close());
    const searches = held.adopt(
      createNewTicketSearches({ store, searches: producer }, config.MUSTER_GATHER_MS, log),
      (opened) => opened.close(),
    );
    const admission = createAdmission({ store, searches, queues, log }, config.MUSTER_MAX_DELAY_MS);
    const counts = { tickets: 0, refused: 0 };
    const metrics = createMetrics("orchestrator", name);
    metrics.measure(
      {
        ...{ name: "muster_tickets_enqueued_total", type: "counter", help: "Tickets that were put into a queue." },
        read: () => counts.tickets,
      },
      {
        ...{
          name: "muster_tickets_refused_total",
          type: "counter",
          help: "Tickets that were not, as busy or too many.",
        },
        read: () => counts.refused + admission.refused(),
      },
      {
        ...{
          name: "muster_search_delay_seconds",
          type: "gauge",
          help: "How long a new ticket would wait for its first search; above MUSTER_MAX_DELAY_MS it is refused.",
        },
        read: () => admission.delayMs() / 1_000,
      },
    );
    const beats = held.adopt(
      startBeats({
        store,
        name,
        role: "orchestrator",
        version: VERSION,
        figures: () => ({
          ...counts,
          refused: counts.refused + admission.refused(),
          delayMs: Math.round(admission.delayMs()),
        }),
      }),
      (started) => started.close(),
    );
    const enqueueTickets: Store["enqueueTickets"] = async (queue, tickets) => {
      const outcomes = await store.enqueueTickets(queue, tickets);
      const queued = tickets.filter((_, index) => outcomes[index]?.outcome === "queued").map(({ id }) => id);
      beats.holds(queued);
      counts.tickets += queued.length;
      counts.refused += tickets.length - queued.length;
      return outcomes;
    };
    const access = held.adopt(await openAccess({ file: config.MUSTER_KEYS, clock: systemClock, log }), (opened) =>
      opened.close(),
    );
    const rateLimits = access.isOn
      ? held.adopt(
          await openRateLimits({ url, partition: config.MUSTER_PARTITION, name: `${name}:limits` }),
          (opened) => opened.close(),
        )
      : undefined;
    const drain = { hasBegun: false };
    const app = held.adopt(
      await buildApp(
        {
          name,
          store: { ...store, enqueueTickets },
          queues,
          searches,
          admission,
          ids: systemIds,
          access,
          requireOrigin: createOriginRule(config.MUSTER_ALLOWED_ORIGINS, access.isOn),
          rateLimits,
          metrics,
          isDraining: () => drain.hasBegun,
        },
        log,
      ),
      (built) => built.close(),
    );
    const address = await app.listen({ host: config.MUSTER_HOST, port: config.MUSTER_PORT });
    // A connection that is closed while a call is on its way fails that call, and not every call may be repeated.
    held.defer(async () => {
      drain.hasBegun = true;
      await sleep(config.MUSTER_DRAIN_MS);
    });
    const release = held.move();
    return { port: Number(new URL(address).port), stop: () => release.disposeAsync() };
  },
};
