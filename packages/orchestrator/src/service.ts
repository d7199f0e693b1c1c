import { setTimeout as sleep } from "node:timers/promises";
import { createOriginRule, openAccess } from "@muster/access";
import type { Queue, Queues } from "@muster/core";
import {
  createMetrics,
  openTracing,
  readQueues,
  type Service,
  storeSettings,
  systemClock,
  systemIds,
  systemRandom,
  VERSION,
} from "@muster/core/service";
import { openPartitions, openProducer, openRateLimits, type PlayersStore, startBeats } from "@muster/store";
import { type Admissions, createAdmission } from "./admission.ts";
import { buildApp } from "./app.ts";
import { type OrchestratorConfig, readConfig } from "./config.ts";
import { createNewTicketSearches } from "./search/new-ticket-searches.ts";

/** Serves the HTTP API and has new tickets searched for. Any number of them may run. */
export const orchestrator: Service<OrchestratorConfig> = {
  role: "orchestrator",
  readConfig,
  async start(config, log) {
    const name = config.MUSTER_NAME ?? `orchestrator-${process.pid}`;
    const home = config.MUSTER_PARTITION;
    const queues = await readQueues(config.MUSTER_QUEUES, home);
    const url = config.REDIS_URL;
    const { durability, retention } = storeSettings(config);
    await using held = new AsyncDisposableStack();
    const partitions = held.adopt(
      await openPartitions({
        url,
        queues,
        home,
        name,
        durability,
        retention,
        clock: systemClock,
        random: systemRandom,
      }),
      (opened) => opened.close(),
    );
    const store = partitions.routed;
    /** What hands out a partition's new tickets, and lets them in. */
    const servePartition = (partition: string, own: Queues) => {
      const opened = partitions.of(partition);
      const producer = held.adopt(openProducer("search", { url, keys: opened.keys, name }), (made) => made.close());
      const searches = held.adopt(
        createNewTicketSearches({ store: opened, searches: producer }, config.MUSTER_GATHER_MS, log),
        (created) => created.close(),
      );
      const deps = { store: opened, searches, queues: own, log };
      return { searches, admission: createAdmission(deps, config.MUSTER_MAX_DELAY_MS) };
    };
    const served = new Map([...partitions.queues].map(([name, own]) => [name, servePartition(name, own)]));
    const partOf = ({ partition = home }: Pick<Queue, "partition">) => {
      const part = served.get(partition);
      if (!part) throw new Error(`partition ${partition} is of no queue`);
      return part;
    };
    const admission: Admissions = { refusal: (queue, tickets) => partOf(queue).admission.refusal(tickets) };
    const refusedByDelay = () => [...served.values()].reduce((sum, part) => sum + part.admission.refused(), 0);
    const delayMs = () => Math.max(...[...served.values()].map((part) => part.admission.delayMs()));
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
        read: () => counts.refused + refusedByDelay(),
      },
      {
        ...{
          name: "muster_search_delay_seconds",
          type: "gauge",
          help: "How long a new ticket would wait for its first search; above MUSTER_MAX_DELAY_MS it is refused.",
        },
        read: () => delayMs() / 1_000,
      },
    );
    const beats = held.adopt(
      startBeats({
        store: partitions.home,
        name,
        role: "orchestrator",
        version: VERSION,
        figures: () => ({
          ...counts,
          refused: counts.refused + refusedByDelay(),
          delayMs: Math.round(delayMs()),
        }),
      }),
      (started) => started.close(),
    );
    const enqueueTickets: PlayersStore["enqueueTickets"] = async (queue, tickets) => {
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
      ? held.adopt(await openRateLimits({ url, partition: home, name: `${name}:limits` }), (opened) => opened.close())
      : undefined;
    const tracing = held.adopt(await openTracing(config, { role: "orchestrator", name, log }), (opened) =>
      opened?.close(),
    );
    const drain = { hasBegun: false };
    const app = held.adopt(
      await buildApp(
        {
          name,
          store: { ...store, enqueueTickets },
          queues,
          searches: { add: (queue, ticket) => partOf(queue).searches.add(queue, ticket) },
          admission,
          ids: systemIds,
          access,
          requireOrigin: createOriginRule(config.MUSTER_ALLOWED_ORIGINS, access.isOn),
          rateLimits,
          metrics,
          tracing,
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
