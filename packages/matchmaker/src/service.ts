import { setTimeout as sleep } from "node:timers/promises";
import { idsIn, type Queues } from "@muster/core";
import {
  createMetrics,
  jobDelaySeconds,
  openTracing,
  readQueues,
  type Service,
  servedPartitions,
  startOpsServer,
  systemClock,
  systemIds,
  VERSION,
} from "@muster/core/service";
import { openProducer, openStores, openWorker, startBeats } from "@muster/store";
import { type MatchmakerConfig, readConfig } from "./config.ts";
import { search } from "./search.ts";

/** Matching itself never waits; the other jobs only fill the time that one waits for Redis, most of it on a busy machine. */
const CONCURRENCY = 4;

/** Serves searches: a BullMQ worker around the pure `matching` package. Any number of them may run. */
export const matchmaker: Service<MatchmakerConfig> = {
  role: "matchmaker",
  readConfig,
  async start(config, log) {
    const name = config.MUSTER_NAME ?? `matchmaker-${process.pid}`;
    const home = config.MUSTER_PARTITION;
    const served = servedPartitions(await readQueues(config.MUSTER_QUEUES, home), config);
    const url = config.REDIS_URL;
    const durability = config.MUSTER_DURABILITY;
    await using held = new AsyncDisposableStack();
    const stores = held.adopt(
      await openStores({ url, partitions: [home, ...served.keys()], name, durability, clock: systemClock }),
      (opened) => opened.close(),
    );
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
    const tracing = held.adopt(await openTracing(config, { role: "matchmaker", name, log }), (opened) =>
      opened?.close(),
    );
    const beats = held.adopt(
      startBeats({
        store: stores.of(home),
        name,
        role: "matchmaker",
        version: VERSION,
        figures: () => ({ ...counts }),
      }),
      (started) => started.close(),
    );
    const onError = (error: Error) => log.warn({ err: error }, "the search worker met an error");
    const onTaken = (delayS: number) => jobDelay.observe(delayS, "search");
    const matchPartition = (partition: string, queues: Queues) => {
      const store = stores.of(partition);
      const commits = held.adopt(openProducer("commit", { url, keys: store.keys, name }), (opened) => opened.close());
      const pause = (ms: number) => sleep(ms);
      const ids = idsIn(systemIds, partition === home ? undefined : partition);
      const deps = { name, store, commits, queues, ids, log, pause };
      return held.adopt(
        openWorker(
          "search",
          { url, keys: store.keys, name, concurrency: CONCURRENCY, onError, onTaken },
          async (job) => {
            const beganAt = performance.now();
            const since = tracing?.now() ?? 0;
            const { served, proposals } = await search(deps, job);
            if (tracing)
              for (const ticket of served) tracing.step(ticket, "search", since, { "muster.queue": job.queue });
            searchSeconds.observe((performance.now() - beganAt) / 1_000);
            beats.holds(served);
            counts.searches += 1;
            counts.tickets += served.length;
            counts.proposals += proposals;
          },
        ),
        (opened) => opened.close(),
      );
    };
    const workers = [...served].map(([partition, queues]) => matchPartition(partition, queues));
    const ops = held.adopt(
      await startOpsServer({
        host: config.MUSTER_HOST,
        port: config.MUSTER_PORT,
        readiness: async () => {
          const unreachable = await stores.unreachable();
          const ready = workers.some((worker) => worker.isReady());
          return { ready, role: "matchmaker", name, ...(unreachable.length > 0 && { unreachable }) };
        },
        metrics,
      }),
      (server) => server.close(),
    );
    const release = held.move();
    return { port: ops.port, stop: () => release.disposeAsync() };
  },
};
