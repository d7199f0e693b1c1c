import { hostname } from "node:os";
import { ConfigError, ConfigFault } from "@muster/core";
import {
  createMetrics,
  readQueues,
  type Service,
  systemClock,
  systemIds,
  systemRandom,
  VERSION,
} from "@muster/core/service";
import { type EventLog, openEventLog, openPartitions, startBeats } from "@muster/store";
import { startApp } from "./app.ts";
import { type Config, readConfig } from "./config.ts";
import { loadPage } from "./page-files.ts";
import { readElos } from "./tester/elos.ts";
import { createTester, type Tester } from "./tester/tester.ts";
import { sumDiagnoses } from "./view/sum-diagnoses.ts";
import { systemMeasures } from "./view/system-measures.ts";
import { startWatch } from "./view/watch.ts";

/** The page at `/`: what runs, who waits, what is matched, what is wrong; and a tester to drive it, where that is on. */
export const monitor: Service<Config> = {
  role: "monitor",
  readConfig,
  async start(config, log) {
    const { MUSTER_TESTER, MUSTER_ADMIN_KEY: adminKey } = config;
    if (MUSTER_TESTER === "on" && adminKey === undefined) {
      throw new ConfigError([new ConfigFault("environment", "MUSTER_ADMIN_KEY", "is missing: the tester asks for it")]);
    }
    const name = config.MUSTER_NAME ?? `monitor-${process.pid}`;
    const home = config.MUSTER_PARTITION;
    const queues = await readQueues(config.MUSTER_QUEUES, home);
    const url = config.REDIS_URL;
    const files = await loadPage();
    await using held = new AsyncDisposableStack();
    const partitions = held.adopt(
      await openPartitions({ url, queues, home, name, clock: systemClock, random: systemRandom }),
      (opened) => opened.close(),
    );
    const store = partitions.home;
    const events: EventLog[] = [];
    for (const partition of partitions.all.keys()) {
      const log = openEventLog({ url, partition, name: `${name}:events` });
      events.push(held.adopt(await log, (opened) => opened.close()));
    }
    held.adopt(startBeats({ store, name, role: "monitor", version: VERSION }), (started) => started.close());
    let tester: Tester | undefined;
    const runs = () => tester?.runs() ?? [];
    const readDiagnosis = async () =>
      sumDiagnoses(await Promise.all([...partitions.all.values()].map((each) => each.readDiagnosis())));
    const looked = { ...partitions.routed, readServices: store.readServices, readDiagnosis };
    const watch = held.adopt(
      await startWatch({ store: looked, events, queues, tester: MUSTER_TESTER === "on", runs, log }),
      (started) => started.close(),
    );
    const metrics = createMetrics("monitor", name);
    metrics.measure(...systemMeasures(() => watch.snapshot()));
    tester =
      MUSTER_TESTER === "on"
        ? held.adopt(
            createTester({
              ...{
                apiUrl: config.MUSTER_API_URL,
                apiKey: config.MUSTER_API_KEY,
                elos: await readElos(),
                random: systemRandom,
                ids: systemIds,
              },
              ...{ clock: systemClock, host: hostname(), log },
              queues: () => watch.snapshot().queues,
              services: () => watch.snapshot().services,
              signal: (pid, signal) => process.kill(pid, signal),
              onKilled: watch.killed,
            }),
            (created) => created.close(),
          )
        : undefined;
    const app = held.adopt(
      await startApp({
        ...{ host: config.MUSTER_HOST, port: config.MUSTER_PORT, files, watch, epoch: systemIds.token(), metrics, log },
        ...(tester && adminKey !== undefined && { tester: { tester, adminKey } }),
      }),
      (started) => started.stop(),
    );
    const release = held.move();
    return { port: app.port, stop: () => release.disposeAsync() };
  },
};
