import { setTimeout as sleep } from "node:timers/promises";
import { readQueues, type Service, startOpsServer, systemClock, systemIds, VERSION } from "@muster/core/service";
import { openProducer, openStore, openWorker, startBeats } from "@muster/store";
import { type MatchmakerConfig, readConfig } from "./config.ts";
import { createRecentlyProposed } from "./recently-proposed.ts";
import { search } from "./search.ts";

/** Matching itself never waits; the second job only fills the time that the first waits for Redis. */
const CONCURRENCY = 2;

/** Serves searches: a BullMQ worker around the pure `matching` package. Any number of them may run. */
export const matchmaker: Service<MatchmakerConfig> = {
  role: "matchmaker",
  readConfig,
  async start(config, log) {
    const name = config.MUSTER_NAME ?? `matchmaker-${process.pid}`;
    const queues = await readQueues(config.MUSTER_QUEUES);
    const url = config.REDIS_URL;
    await using held = new AsyncDisposableStack();
    const store = held.adopt(
      await openStore({ url, partition: config.MUSTER_PARTITION, name, clock: systemClock }),
      (opened) => opened.close(),
    );
    const commits = held.adopt(openProducer("commit", { url, keys: store.keys, name }), (opened) => opened.close());
    const recent = createRecentlyProposed(store.clock);
    const pause = (ms: number) => sleep(ms);
    const deps = { name, store, commits, queues, ids: systemIds, recent, log, pause };
    const counts = { searches: 0, tickets: 0, proposals: 0 };
    const beats = held.adopt(
      startBeats({ store, name, role: "matchmaker", version: VERSION, figures: () => ({ ...counts }) }),
      (started) => started.close(),
    );
    const onError = (error: Error) => log.warn({ err: error }, "the search worker met an error");
    const worker = held.adopt(
      openWorker("search", { url, keys: store.keys, name, concurrency: CONCURRENCY, onError }, async (job) => {
        const { served, proposals } = await search(deps, job);
        beats.holds(served);
        counts.searches += 1;
        counts.tickets += served.length;
        counts.proposals += proposals;
      }),
      (opened) => opened.close(),
    );
    const ops = held.adopt(
      await startOpsServer({
        host: config.MUSTER_HOST,
        port: config.MUSTER_PORT,
        readiness: async () => {
          await store.ping();
          return { ready: worker.isReady(), role: "matchmaker", name };
        },
      }),
      (server) => server.close(),
    );
    const release = held.move();
    return { port: ops.port, stop: () => release.disposeAsync() };
  },
};
