import { readQueues, type Service, startOpsServer, systemClock, systemIds, VERSION } from "@muster/core/service";
import { openStore, openWorker, startBeats } from "@muster/store";
import { commit } from "./commit.ts";
import { createCommitConnections } from "./commit-connections.ts";
import { type MoverConfig, readConfig } from "./config.ts";
import { type Leadership, startLeadership } from "./leadership.ts";

/** Commits at a time, each on a connection of its own: their round trips overlap. */
const CONCURRENCY = 4;

/** Commits matches while it leads; otherwise stands by. */
export const mover: Service<MoverConfig> = {
  role: "mover",
  readConfig,
  async start(config, log) {
    const name = config.MUSTER_NAME ?? `mover-${process.pid}`;
    const queues = await readQueues(config.MUSTER_QUEUES);
    const url = config.REDIS_URL;
    await using held = new AsyncDisposableStack();
    const store = held.adopt(
      await openStore({ url, partition: config.MUSTER_PARTITION, name, clock: systemClock }),
      (opened) => opened.close(),
    );
    const connections = held.adopt(createCommitConnections(url, `${name}-commit`, config.MUSTER_PARTITION), (opened) =>
      opened.close(),
    );
    const fence = systemIds.token();
    const counts = { matches: 0, conflicts: 0 };
    /** By `conflicts:<queue>`; there are no more of them than queues. */
    const byQueue: Record<string, number> = {};
    let leadsSince = 0;
    const beats = held.adopt(
      startBeats({
        ...{ store, name, role: "mover", version: VERSION },
        figures: () => {
          const leads = leadership.isLeader();
          return { ...counts, ...byQueue, leads, ...(leads && { leadsSince, mover: fence.slice(0, 8) }) };
        },
      }),
      (started) => started.close(),
    );
    const leadership: Leadership = held.adopt(
      startLeadership({
        store,
        token: fence,
        leaseMs: config.MUSTER_LEASE_MS,
        log,
        lead: () => {
          leadsSince = store.clock.now();
          const deps = { store, connections, fence, queues, log, stepDown: () => leadership.stepDown() };
          const onError = (error: Error) => log.warn({ err: error }, "the commit worker met an error");
          const worker = openWorker(
            "commit",
            { url, keys: store.keys, name, concurrency: CONCURRENCY, onError },
            async (job) => {
              const { matches, conflicts } = await commit(deps, job);
              beats.holds(matches);
              counts.matches += matches.length;
              for (const [queue, count] of conflicts) {
                counts.conflicts += count;
                byQueue[`conflicts:${queue}`] = (byQueue[`conflicts:${queue}`] ?? 0) + count;
              }
            },
          );
          return () => worker.close();
        },
      }),
      (started) => started.close(),
    );
    const ops = held.adopt(
      await startOpsServer({
        host: config.MUSTER_HOST,
        port: config.MUSTER_PORT,
        readiness: async () => {
          await store.ping();
          return { ready: true, role: "mover", name, leader: leadership.isLeader() };
        },
      }),
      (server) => server.close(),
    );
    const release = held.move();
    return { port: ops.port, stop: () => release.disposeAsync() };
  },
};
