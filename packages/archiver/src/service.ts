import {
  createMetrics,
  readQueues,
  type Service,
  servedPartitions,
  startOpsServer,
  systemClock,
  VERSION,
} from "@muster/core/service";
import { openEventLog, openStores, startBeats } from "@muster/store";
import { archive } from "./archive.ts";
import { type ArchiverConfig, readConfig } from "./config.ts";
import { newStatus, sumStatus } from "./sum-status.ts";

/**
 * Copies what is over in all partitions from Redis to PostgreSQL, each by a session of its own with both: one that is
 * slow or away keeps no other waiting. One archiver works for each partition; others that run stand by.
 */
export const archiver: Service<ArchiverConfig> = {
  role: "archiver",
  readConfig,
  async start(config, log) {
    const name = config.MUSTER_NAME ?? `archiver-${process.pid}`;
    const home = config.MUSTER_PARTITION;
    const served = [...servedPartitions(await readQueues(config.MUSTER_QUEUES, home), config).keys()];
    const connection = { url: config.REDIS_URL, name };
    const stop = new AbortController();
    const statuses = new Map(served.map((partition) => [partition, newStatus()]));
    const status = () => sumStatus(statuses);
    await using held = new AsyncDisposableStack();
    const stores = held.adopt(
      await openStores({ ...connection, partitions: [home, ...served], clock: systemClock }),
      (opened) => opened.close(),
    );
    held.adopt(
      startBeats({
        ...{ store: stores.of(home), name, role: "archiver", version: VERSION },
        figures: () => {
          const { state, sessions, tickets, missed, refused, behind } = status();
          return { state, sessions, tickets, missed, refused, behind };
        },
      }),
      (started) => started.close(),
    );
    const archiving: Promise<void>[] = [];
    for (const [partition, own] of statuses) {
      const events = held.adopt(await openEventLog({ ...connection, partition }), (opened) => opened.close());
      archiving.push(
        archive({
          ...{ databaseUrl: config.DATABASE_URL, name, partition, events, store: stores.of(partition) },
          ...{ clock: systemClock, log, signal: stop.signal, status: own },
        }),
      );
    }
    held.defer(async () => {
      stop.abort();
      await Promise.all(archiving);
    });
    const metrics = createMetrics("archiver", name);
    metrics.measure(
      {
        ...{
          name: "muster_archive_behind",
          type: "gauge",
          help: "Entries of the event stream that are not archived yet.",
        },
        read: () => status().behind,
      },
      {
        ...{
          name: "muster_archive_missed_total",
          type: "counter",
          help: "Entries of the event stream that were gone before they were read.",
        },
        read: () => status().missed,
      },
    );
    const ops = held.adopt(
      await startOpsServer({
        host: config.MUSTER_HOST,
        port: config.MUSTER_PORT,
        readiness: () => {
          const sum = status();
          const own = statuses.size > 1 && { partitions: Object.fromEntries(statuses) };
          return { ready: sum.state !== "connecting", role: "archiver", name, ...sum, ...own };
        },
        metrics,
      }),
      (server) => server.close(),
    );
    const release = held.move();
    return { port: ops.port, stop: () => release.disposeAsync() };
  },
};
