import { openAccess } from "@muster/access";
import { readQueues, type Service, systemClock, systemIds, systemRandom, VERSION } from "@muster/core/service";
import { createKeys, openPlayerFeed, openStore, startBeats } from "@muster/store";
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
    const queues = await readQueues(config.MUSTER_QUEUES);
    const partition = config.MUSTER_PARTITION;
    await using held = new AsyncDisposableStack();
    const store = held.adopt(
      await openStore({ url: config.REDIS_URL, partition, name, clock: systemClock }),
      (opened) => opened.close(),
    );
    const feed = held.adopt(
      await openPlayerFeed({
        url: config.REDIS_URL,
        keys: createKeys(partition),
        name,
        onState: (player, state) => {
          watches.publish(player, state);
          beats.holds([player]);
        },
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
    // Nothing is held before someone watches, so no state can arrive before this exists.
    const watches = createWatchRegistry(feed);
    const presence = held.adopt(
      createPresence({ store, queueOf: (queue) => queues.get(queue), ids: systemIds, log }),
      (created) => created.close(),
    );
    const readPlayer = async (id: string) => {
      const { ticketVersion: _, ...view } = await store.readPlayer(id);
      return { id, ...view };
    };
    const callApi = createCallApi(config.MUSTER_API_URL);
    const instant = held.adopt(
      await openInstant({
        ...{ url: config.REDIS_URL, keys: store.keys, name, queues, store, watches, presence, current: feed.current },
        ...{ ids: systemIds, random: systemRandom, log },
      }),
      (opened) => opened?.close(),
    );
    const access = held.adopt(await openAccess({ file: config.MUSTER_KEYS, clock: systemClock, log }), (opened) =>
      opened.close(),
    );
    const app = held.adopt(
      await buildApp({ name, access, feed, watches, presence, readPlayer, callApi, log, instant: instant?.context }),
      (built) => built.close(),
    );
    const address = await app.listen({ host: config.MUSTER_HOST, port: config.MUSTER_PORT });
    const release = held.move();
    return { port: Number(new URL(address).port), stop: () => release.disposeAsync() };
  },
};
