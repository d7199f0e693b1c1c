import { createMetrics, type Service, startOpsServer, systemClock, VERSION } from "@muster/core/service";
import { openEventLog, openStore, startBeats } from "@muster/store";
import { type ArchiveStatus, archive } from "./archive.ts";
import { type ArchiverConfig, readConfig } from "./config.ts";

/** Copies what is over from Redis to PostgreSQL. One works for each partition; others that run stand by. */
export const archiver: Service<ArchiverConfig> = {
  role: "archiver",
  readConfig,
  async start(config, log) {
    const name = config.MUSTER_NAME ?? `archiver-${process.pid}`;
    const connection = { url: config.REDIS_URL, partition: config.MUSTER_PARTITION, name };
    const stop = new AbortController();
    const status: ArchiveStatus = {
      state: "connecting",
      sessions: 0,
      tickets: 0,
      missed: 0,
      incomplete: 0,
      refused: 0,
      behind: 0,
      trouble: null,
    };
    await using held = new AsyncDisposableStack();
    const store = held.adopt(await openStore({ ...connection, clock: systemClock }), (opened) => opened.close());
    const events = held.adopt(await openEventLog(connection), (opened) => opened.close());
    held.adopt(
      startBeats({
        ...{ store, name, role: "archiver", version: VERSION },
        figures: () => {
          const { state, sessions, tickets, missed, refused, behind } = status;
          return { state, sessions, tickets, missed, refused, behind };
        },
      }),
      (started) => started.close(),
    );
    const archiving = archive({
      ...{ databaseUrl: config.DATABASE_URL, name, partition: config.MUSTER_PARTITION },
      ...{ events, store, clock: systemClock, log, signal: stop.signal, status },
    });
    held.defer(async () => {
      stop.abort();
      await archiving;
    });
    const metrics = createMetrics("archiver", name);
    metrics.measure(
      {
        ...{ name: "muster_archive_behind", type: "gauge", help: "Events that are not archived yet." },
        read: () => status.behind,
      },
      {
        ...{
          name: "muster_archive_missed_total",
          type: "counter",
          help: "Events that were gone before they were read.",
        },
        read: () => status.missed,
      },
    );
    const ops = held.adopt(
      await startOpsServer({
        host: config.MUSTER_HOST,
        port: config.MUSTER_PORT,
        readiness: () => ({ ready: status.state !== "connecting", role: "archiver", name, ...status }),
        metrics,
      }),
      (server) => server.close(),
    );
    const release = held.move();
    return { port: ops.port, stop: () => release.disposeAsync() };
  },
};
