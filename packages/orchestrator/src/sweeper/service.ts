import { readQueues, type Service, startOpsServer, systemClock } from "@muster/core/service";
import { openProducer, openStore } from "@muster/store";
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
    held.adopt(startSweeping({ store, searches }, queues, log), (sweeping) => sweeping.close());
    const ops = held.adopt(
      await startOpsServer({
        host: config.MUSTER_HOST,
        port: config.MUSTER_PORT,
        readiness: async () => {
          await store.ping();
          return { ready: true, role: "sweeper", name };
        },
      }),
      (server) => server.close(),
    );
    const release = held.move();
    return { port: ops.port, stop: () => release.disposeAsync() };
  },
};
