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
import { openEventLog, openStore, startBeats } from "@muster/store";
import { startApp } from "./app.ts";
import { type Config, readConfig } from "./config.ts";
import { loadPage } from "./page-files.ts";
import { readElos } from "./tester/elos.ts";
import { createTester, type Tester } from "./tester/tester.ts";
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
    const queues = await readQueues(config.MUSTER_QUEUES);
    const connection = { url: config.REDIS_URL, partition: config.MUSTER_PARTITION, name };
    const files = await loadPage();
    await using held = new AsyncDisposableStack();
    const store = held.adopt(await openStore({ ...connection, clock: systemClock }), (opened) => opened.close());
    const events = held.adopt(await openEventLog({ ...connection, name: `${name}:events` }), (opened) =>
      opened.close(),
    );
    held.adopt(startBeats({ store, name, role: "monitor", version: VERSION }), (started) => started.close());
    let tester: Tester | undefined;
    const runs = () => tester?.runs() ?? [];
    const watch = held.adopt(
      await startWatch({ store, events, queues, tester: MUSTER_TESTER === "on", runs, log }),
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
