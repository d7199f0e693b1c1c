import { setTimeout as sleep } from "node:timers/promises";
import {
  createMetrics,
  jobDelaySeconds,
  readQueues,
  type Service,
  startOpsServer,
  systemClock,
  systemIds,
  VERSION,
} from "@muster/core/service";
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
    const metrics = createMetrics("matchmaker", name);
    const counter = (what: keyof typeof counts, help: string) =>
      ({ name: `muster_${what}_total`, type: "counter", help, read: () => counts[what] }) as const;
    metrics.measure(
      counter("searches", "Searches that were served."),
      { ...counter("tickets", "Tickets for which a match was looked for."), name: "muster_tickets_searched_total" },
      counter("proposals", "Matches that were found and handed to the mover."),
    );
    const searchSeconds = metrics.distribution({
      ...{ name: "muster_search_seconds", help: "From taking a search to having served it." },
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    });
    const jobDelay = jobDelaySeconds(metrics);
    const beats = held.adopt(
      startBeats({ store, name, role: "matchmaker", version: VERSION, figures: () => ({ ...counts }) }),
      (started) => started.close(),
    );
    const onError = (error: Error) => log.warn({ err: error }, "the search worker met an error");
    const onTaken = (delayS: number) => jobDelay.observe(delayS, "search");
    const worker = held.adopt(
      openWorker("search", { url, keys: store.keys, name, concurrency: CONCURRENCY, onError, onTaken }, async (job) => {
        const beganAt = performance.now();
        const { served, proposals } = await search(deps, job);
        searchSeconds.observe((performance.now() - beganAt) / 1_000);
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
        metrics,
      }),
      (server) => server.close(),
    );
    const release = held.move();
    return { port: ops.port, stop: () => release.disposeAsync() };
  },
};
