import { partitionsOf, type Queues } from "@muster/core";
import {
  createMetrics,
  readQueues,
  type Service,
  servedPartitions,
  startOpsServer,
  storeSettings,
  systemClock,
  systemRandom,
  VERSION,
} from "@muster/core/service";
import { openDoctor, openProducer, openStores, type Store, startBeats } from "@muster/store";
import { readConfig, type SweeperConfig } from "./config.ts";
import { startReconciling } from "./reconciling.ts";
import { startSweeping } from "./sweeping.ts";

/** An orchestrator without HTTP: paces the tries, makes up for what got lost, expires tickets, ends matches. */
export const sweeper: Service<SweeperConfig> = {
  role: "sweeper",
  readConfig,
  async start(config, log) {
    const name = config.MUSTER_NAME ?? `sweeper-${process.pid}`;
    const home = config.MUSTER_PARTITION;
    const allQueues = await readQueues(config.MUSTER_QUEUES, home);
    const served = servedPartitions(allQueues, config);
    const deployment = { home, partitions: [...partitionsOf(allQueues, home).keys()], random: systemRandom };
    const url = config.REDIS_URL;
    const { durability, retention } = storeSettings(config);
    await using held = new AsyncDisposableStack();
    const stores = held.adopt(
      await openStores({ url, partitions: [home, ...served.keys()], name, durability, retention, clock: systemClock }),
      (opened) => opened.close(),
    );
    const counts = { tickets: 0 };
    const metrics = createMetrics("sweeper", name);
    metrics.measure({
      ...{
        name: "muster_tickets_swept_total",
        type: "counter",
        help: "Tickets that came due: handed out again, sent back to wait, or ended.",
      },
      read: () => counts.tickets,
    });
    const beats = held.adopt(
      startBeats({ store: stores.of(home), name, role: "sweeper", version: VERSION, figures: () => ({ ...counts }) }),
      (started) => started.close(),
    );
    const sweepPartition = (partition: string, queues: Queues) => {
      const store = stores.of(partition);
      const searches = held.adopt(openProducer("search", { url, keys: store.keys, name }), (opened) => opened.close());
      const claimDue: Store["claimDue"] = async (queue, limit) => {
        const tickets = await store.claimDue(queue, limit);
        beats.holds(tickets.map(({ id }) => id));
        counts.tickets += tickets.length;
        return tickets;
      };
      const watched = { ...store, claimDue };
      held.adopt(startSweeping({ store: watched, searches }, queues, log), (sweeping) => sweeping.close());
      const queue = (of: string) => queues.get(of);
      const open = () => openDoctor({ url, partition, name: `${name}-doctor`, clock: systemClock, queue, deployment });
      const raiseFormat = async () => store.raiseFormat(await stores.of(home).readServices(), VERSION);
      held.adopt(startReconciling({ store, openDoctor: open, raiseFormat }, log), (reconciling) => reconciling.close());
    };
    for (const [partition, queues] of served) sweepPartition(partition, queues);
    const ops = held.adopt(
      await startOpsServer({
        host: config.MUSTER_HOST,
        port: config.MUSTER_PORT,
        readiness: async () => {
          const unreachable = await stores.unreachable();
          return { ready: true, role: "sweeper", name, ...(unreachable.length > 0 && { unreachable }) };
        },
        metrics,
      }),
      (server) => server.close(),
    );
    const release = held.move();
    return { port: ops.port, stop: () => release.disposeAsync() };
  },
};
