import { createMetrics, readQueues, type Service, startOpsServer, systemClock, VERSION } from "@muster/core/service";
import { openProducer, openStore, type Store, startBeats } from "@muster/store";
import { readConfig, type SweeperConfig } from "./config.ts";
import { startSweeping } from "./sweeping.ts";

/** An orchestrator without HTTP: paces the tries, makes up for what got lost, expires tickets, ends matches. */
export const sweeper: Service<SweeperConfig> = {
  role: "sweeper",
  readConfig,
  async start(config, log) {
    const name = config.MUSTER_NAME ?? `sweeper-${process.pid}`;
    const queues = await readQueues(config.MUSTER_QUEUES);
    const url = config.REDIS_URL;
    await using held = new AsyncDisposableStack();
    const store = held.adopt(
      await openStore({ url, partition: config.MUSTER_PARTITION, name, clock: systemClock }),
      (opened) => opened.close(),
    );
    const searches = held.adopt(openProducer("search", { url, keys: store.keys, name }), (opened) => opened.close());
    const counts = { tickets: 0 };
    const metrics = createMetrics("sweeper", name);
    metrics.measure({
      ...{
        name: "muster_tickets_swept_total",
        type: "counter",
        help: "Tickets that came due and were handed out again.",
      },
      read: () => counts.tickets,
    });
    const beats = held.adopt(
      startBeats({ store, name, role: "sweeper", version: VERSION, figures: () => ({ ...counts }) }),
      (started) => started.close(),
    );
    const claimDue: Store["claimDue"] = async (queue, limit) => {
      const tickets = await store.claimDue(queue, limit);
      beats.holds(tickets.map(({ id }) => id));
      counts.tickets += tickets.length;
      return tickets;
    };
    const watched = { ...store, claimDue };
    held.adopt(startSweeping({ store: watched, searches }, queues, log), (sweeping) => sweeping.close());
    const ops = held.adopt(
      await startOpsServer({
        host: config.MUSTER_HOST,
        port: config.MUSTER_PORT,
        readiness: async () => {
          await store.ping();
          return { ready: true, role: "sweeper", name };
        },
        metrics,
      }),
      (server) => server.close(),
    );
    const release = held.move();
    return { port: ops.port, stop: () => release.disposeAsync() };
  },
};
