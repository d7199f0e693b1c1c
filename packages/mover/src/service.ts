import type { Queues } from "@muster/core";
import {
  createMetrics,
  jobDelaySeconds,
  openTracing,
  readQueues,
  type Service,
  servedPartitions,
  startOpsServer,
  storeSettings,
  systemClock,
  systemIds,
  VERSION,
} from "@muster/core/service";
import { type JobWorker, openStores, openWorker, startBeats } from "@muster/store";
import { commit } from "./commit.ts";
import { createCommitConnections } from "./commit-connections.ts";
import { type MoverConfig, readConfig } from "./config.ts";
import { type Leadership, startLeadership } from "./leadership.ts";
import { shareFigures, startShare } from "./share.ts";

/** Commits at a time, each on a connection of its own: their round trips overlap, and on a busy machine these are long. */
const CONCURRENCY = 8;
/** Connections at hand before the first commit needs one; more are opened when they are needed. */
const WARM_CONNECTIONS = 4;

/** Commits matches while it leads; otherwise stands by. */
export const mover: Service<MoverConfig> = {
  role: "mover",
  readConfig,
  async start(config, log) {
    const name = config.MUSTER_NAME ?? `mover-${process.pid}`;
    const home = config.MUSTER_PARTITION;
    const served = servedPartitions(await readQueues(config.MUSTER_QUEUES, home), config);
    const isShared = served.size > 1 || config.MUSTER_PARTITIONS !== undefined;
    const url = config.REDIS_URL;
    const { durability, retention } = storeSettings(config);
    await using held = new AsyncDisposableStack();
    const stores = held.adopt(
      await openStores({ url, partitions: [home, ...served.keys()], name, durability, retention, clock: systemClock }),
      (opened) => opened.close(),
    );
    /** By partition. */
    const leaderships = new Map<string, Leadership>();
    const led = () =>
      [...leaderships].filter(([, leadership]) => leadership.isLeader()).map(([partition]) => partition);
    const fence = systemIds.token();
    const counts = { matches: 0, conflicts: 0 };
    /** By `conflicts:<queue>`; there are no more of them than queues. */
    const byQueue: Record<string, number> = {};
    let leadsSince = 0;
    const metrics = createMetrics("mover", name);
    const conflictsByQueue = () =>
      new Map(Object.entries(byQueue).map(([figure, count]) => [figure.slice(figure.indexOf(":") + 1), count]));
    metrics.measure(
      {
        ...{ name: "muster_matches_committed_total", type: "counter", help: "Matches that were made or joined." },
        read: () => counts.matches,
      },
      {
        ...{ name: "muster_conflicts_total", type: "counter", help: "Proposals that could not be committed." },
        ...{ label: "queue", read: conflictsByQueue },
      },
      {
        ...{ name: "muster_mover_leads", type: "gauge" },
        help: "1 where this mover leads a partition; for each of them, the sum over all movers must be 1.",
        ...{
          label: "partition",
          read: () => new Map([...leaderships].map(([name, each]) => [name, Number(each.isLeader())])),
        },
      },
    );
    const commitSeconds = metrics.distribution({
      ...{ name: "muster_commit_seconds", help: "From taking a job of proposals to having committed it." },
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    });
    const waitSeconds = metrics.distribution({
      ...{ name: "muster_wait_seconds", help: "How long tickets had waited when their match was committed." },
      ...{ labels: ["queue"], buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 60, 120, 300] },
    });
    const tries = metrics.distribution({
      ...{
        name: "muster_tries",
        help: "Searches without a match that tickets had behind them when they were matched.",
      },
      ...{ labels: ["queue"], buckets: [0, 1, 2, 3, 5, 8, 13, 21, 34, 55] },
    });
    const jobDelay = jobDelaySeconds(metrics);
    const tracing = held.adopt(await openTracing(config, { role: "mover", name, log }), (opened) => opened?.close());
    const beats = held.adopt(
      startBeats({
        ...{ store: stores.of(home), name, role: "mover", version: VERSION },
        figures: () => {
          const partitions = led();
          const leads = partitions.length > 0;
          return {
            ...{ ...counts, ...byQueue, leads },
            ...(leads && { leadsSince, mover: fence.slice(0, 8) }),
            ...(isShared && { partitions: partitions.length, ...shareFigures(served.keys(), partitions) }),
          };
        },
      }),
      (started) => started.close(),
    );
    const movePartition = (partition: string, queues: Queues) => {
      const store = stores.of(partition);
      const connections = held.adopt(createCommitConnections(url, `${name}-commit`, partition), (opened) =>
        opened.close(),
      );
      const open = () => {
        const deps = { store, connections, fence, queues, log, stepDown: () => leadership.stepDown() };
        const onError = (error: Error) => log.warn({ err: error }, "the commit worker met an error");
        return openWorker(
          "commit",
          {
            ...{ url, keys: store.keys, name, concurrency: CONCURRENCY, onError, onHold: true },
            onTaken: (delayS) => jobDelay.observe(delayS, "commit"),
          },
          async (job) => {
            const beganAt = performance.now();
            const since = tracing?.now() ?? 0;
            const { committed, conflicts } = await commit(deps, job);
            commitSeconds.observe((performance.now() - beganAt) / 1_000);
            const now = store.clock.now();
            for (const { id, queue, tickets } of committed) {
              for (const ticket of tickets) {
                waitSeconds.observe((now - ticket.createdAt) / 1_000, queue);
                tries.observe(ticket.tries, queue);
                tracing?.step(ticket.id, "commit", since, { "muster.queue": queue, "muster.match": id });
              }
            }
            beats.holds(committed.map(({ id }) => id));
            counts.matches += committed.length;
            for (const [queue, count] of conflicts) {
              counts.conflicts += count;
              byQueue[`conflicts:${queue}`] = (byQueue[`conflicts:${queue}`] ?? 0) + count;
            }
          },
        );
      };
      let ready: JobWorker | undefined;
      const standEasy = async () => {
        if (!ready) return;
        const worker = ready;
        ready = undefined;
        await Promise.all([worker.close(), connections.close()]);
      };
      held.defer(standEasy);
      /** Connecting takes a process that has just started, or is short of CPU, longer than the first commits. */
      const getReady = () => {
        ready ??= open();
        connections.warm(WARM_CONNECTIONS);
      };
      const lead = () => {
        if (led().length === 0) leadsSince = store.clock.now();
        getReady();
        const worker = ready;
        ready = undefined;
        worker?.run();
        return async () => worker?.close();
      };
      const leadership: Leadership = held.adopt(
        startLeadership({
          ...{ store, token: fence, leaseMs: config.MUSTER_LEASE_MS, log, lead, getReady, standEasy },
          yields: () => share.isLarger(partition),
        }),
        (started) => started.close(),
      );
      leaderships.set(partition, leadership);
    };
    const share = held.adopt(startShare({ store: stores.of(home), name, leaderships }), (started) => started.close());
    for (const [partition, queues] of served) movePartition(partition, queues);
    const ops = held.adopt(
      await startOpsServer({
        host: config.MUSTER_HOST,
        port: config.MUSTER_PORT,
        readiness: async () => {
          const unreachable = await stores.unreachable();
          const leads = led();
          const details = { leader: leads.length > 0, leads, ...(unreachable.length > 0 && { unreachable }) };
          return { ready: true, role: "mover", name, ...details };
        },
        metrics,
      }),
      (server) => server.close(),
    );
    const release = held.move();
    return { port: ops.port, stop: () => release.disposeAsync() };
  },
};
