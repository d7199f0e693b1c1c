import type { Service } from "@muster/core/service";
import { createKeys, openPlayerFeed } from "@muster/store";
import { buildApp } from "./app.ts";
import { type PlayserverConfig, readConfig } from "./config.ts";
import { createWatchRegistry } from "./watch-registry.ts";

/** Tells realms and players each change of a player's state. Any number of them may run. */
export const playserver: Service<PlayserverConfig> = {
  role: "playserver",
  readConfig,
  async start(config, log) {
    const name = config.MUSTER_NAME ?? `playserver-${process.pid}`;
    await using held = new AsyncDisposableStack();
    const feed = held.adopt(
      await openPlayerFeed({
        url: config.REDIS_URL,
        keys: createKeys(config.MUSTER_PARTITION),
        name,
        onState: (player, state) => watches.publish(player, state),
        onResync: (players) => log.info({ players }, "changes may have been missed: reading all watched players again"),
        onTrouble: (error) => log.warn({ err: error }, "changes can't be followed right now; trying again"),
      }),
      (opened) => opened.close(),
    );
    // Nothing is held before someone watches, so no state can arrive before this exists.
    const watches = createWatchRegistry(feed);
    const app = held.adopt(await buildApp({ name, feed, watches, log }), (built) => built.close());
    const address = await app.listen({ host: config.MUSTER_HOST, port: config.MUSTER_PORT });
    const release = held.move();
    return { port: Number(new URL(address).port), stop: () => release.disposeAsync() };
  },
};
