import { createOriginRule, openAccess } from "@muster/access";
import {
  createMetrics,
  openTracing,
  readQueues,
  type Service,
  storeSettings,
  systemClock,
  systemIds,
  systemRandom,
  VERSION,
} from "@muster/core/service";
import { openPartitions, openRoutedFeed, routePresence, startBeats } from "@muster/store";
import { buildApp } from "./app.ts";
import { createCallApi } from "./call-api.ts";
import { type PlayserverConfig, readConfig } from "./config.ts";
import { openInstant } from "./instant/open-instant.ts";
import { createPresence } from "./presence.ts";
import { createWatchRegistry } from "./watch-registry.ts";

/** Tells realms and players each change of a player's state. Any number of them may run. */
export const playserver: Service<PlayserverConfig> = {
  role: "playserver",
  readConfig,
  async start(config, log) {
    const name = config.MUSTER_NAME ?? `playserver-${process.pid}`;
    const home = config.MUSTER_PARTITION;
    const queues = await readQueues(config.MUSTER_QUEUES, home);
    const url = config.REDIS_URL;
    const { durability, retention } = storeSettings(config);
    await using held = new AsyncDisposableStack();
    const partitions = held.adopt(
      await openPartitions({
        url,
        queues,
        home,
        name,
        durability,
        retention,
        clock: systemClock,
        random: systemRandom,
      }),
      (opened) => opened.close(),
    );
    const store = partitions.home;
    const metrics = createMetrics("playserver", name);
    const lag = metrics.distribution({
      ...{ name: "muster_notification_lag_seconds", help: "From a change of state to its being sent to who watches." },
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    });
    const tracing = held.adopt(await openTracing(config, { role: "playserver", name, log }), (opened) =>
      opened?.close(),
    );
    const feed = held.adopt(
      await openRoutedFeed(partitions, {
        url,
        name,
        onState: (player, state) => {
          watches.publish(player, state);
          const lagMs = Math.max(0, store.clock.now() - state.at);
          lag.observe(lagMs / 1_000);
          if (tracing && state.ticket !== undefined && state.match !== undefined) {
            const attributes = { "muster.player": player, "muster.match": state.match };
            tracing.step(state.ticket, "notify", tracing.now() - lagMs, attributes);
          }
          beats.holds([player]);
        },
        onMoved: (player) => presence.moved(player),
        onResync: (players) => log.info({ players }, "changes may have been missed: reading all watched players again"),
        onTrouble: (error) => log.warn({ err: error }, "changes can't be followed right now; trying again"),
      }),
      (opened) => opened.close(),
    );
    const beats = held.adopt(
      startBeats({
        ...{ store, name, role: "playserver", version: VERSION },
        figures: () => {
          const { held: watched, unread, resyncs } = feed.stats();
          return { watched, unread, resyncs };
        },
      }),
      (started) => started.close(),
    );
    metrics.measure(
      {
        ...{ name: "muster_players_watched", type: "gauge", help: "Players whose states are followed." },
        read: () => feed.stats().held,
      },
      {
        ...{ name: "muster_resyncs_total", type: "counter", help: "How often all states had to be read again." },
        read: () => feed.stats().resyncs,
      },
    );
    // Nothing is held before someone watches, so no state can arrive before this exists.
    const watches = createWatchRegistry(feed);
    const presence = held.adopt(
      createPresence({
        ...{ store: routePresence(partitions), queueOf: (queue) => queues.get(queue) },
        ...{ ids: systemIds, clock: store.clock, log },
      }),
      (created) => created.close(),
    );
    const readPlayer = async (id: string) => {
      const { ticketVersion: _, ...view } = await partitions.routed.readPlayer(id);
      return { id, ...view };
    };
    const callApi = createCallApi(config.MUSTER_API_URL);
    const instant = held.adopt(
      await openInstant({
        ...{ url, keysOf: ({ partition = home }) => partitions.of(partition).keys, name, queues },
        ...{ store: partitions.routed, watches, presence, current: feed.current, random: systemRandom, log },
        ids: systemIds,
      }),
      (opened) => opened?.close(),
    );
    const access = held.adopt(await openAccess({ file: config.MUSTER_KEYS, clock: systemClock, log }), (opened) =>
      opened.close(),
    );
    const app = held.adopt(
      await buildApp({
        name,
        access,
        requireOrigin: createOriginRule(config.MUSTER_ALLOWED_ORIGINS, access.isOn),
        maxConnections: config.MUSTER_MAX_CONNECTIONS,
        metrics,
        feed,
        watches,
        presence,
        readPlayer,
        raiseVersions: partitions.routed.raiseVersions,
        clock: store.clock,
        readPlayerQueues: partitions.routed.readPlayerQueues,
        callApi,
        log,
        instant: instant?.context,
      }),
      (built) => built.close(),
    );
    const address = await app.listen({ host: config.MUSTER_HOST, port: config.MUSTER_PORT });
    const release = held.move();
    return { port: Number(new URL(address).port), stop: () => release.disposeAsync() };
  },
};
