import {
  createMetrics,
  readQueues,
  type Service,
  servedPartitions,
  systemClock,
  systemRandom,
  VERSION,
} from "@muster/core/service";
import { openDeliveries, openStores, startBeats } from "@muster/store";
import { buildApp } from "./app.ts";
import { readConfig, type WebhooksConfig } from "./config.ts";
import { readHooks } from "./read-hooks.ts";
import { type ServedHook, serveHook } from "./serve-hook.ts";

/** Tells endpoints of what happens in all partitions, signed and at least once. Any number of them may run; they share the work. */
export const webhooks: Service<WebhooksConfig> = {
  role: "webhooks",
  readConfig,
  async start(config, log) {
    const name = config.MUSTER_NAME ?? `webhooks-${process.pid}`;
    const home = config.MUSTER_PARTITION;
    const hooks = await readHooks(config.MUSTER_WEBHOOKS, config.MUSTER_WEBHOOK_SECRETS);
    const served = [...servedPartitions(await readQueues(config.MUSTER_QUEUES, home), config).keys()];
    const connection = { url: config.REDIS_URL, name };
    await using held = new AsyncDisposableStack();
    const stores = held.adopt(
      await openStores({ ...connection, partitions: [home, ...served], clock: systemClock }),
      (opened) => opened.close(),
    );
    const places = await Promise.all(
      served.map(async (partition) => ({
        partition,
        store: stores.of(partition),
        deliveries: held.adopt(await openDeliveries({ ...connection, partition }), (opened) => opened.close()),
      })),
    );
    const running = new Map<string, ServedHook>();
    held.adopt(
      startBeats({
        ...{ store: stores.of(home), name, role: "webhooks", version: VERSION },
        figures: async () => {
          const all = await Promise.all([...running.values()].map((hook) => hook.status()));
          const sum = (what: "delivered" | "failedTries" | "gaveUp" | "missed" | "waiting") =>
            all.reduce((total, status) => total + status[what], 0);
          return {
            ...{ hooks: hooks.length, delivered: sum("delivered"), waiting: sum("waiting") },
            ...{ failedTries: sum("failedTries"), gaveUp: sum("gaveUp"), missed: sum("missed") },
          };
        },
      }),
      (started) => started.close(),
    );
    // One after the other would add up their limits.
    held.defer(async () => {
      await Promise.all([...running.values()].map((hook) => hook.close()));
    });
    const started = await Promise.all(
      hooks.map((hook) =>
        serveHook({
          ...connection,
          ...{ hook, log, clock: systemClock, random: systemRandom },
          places: places.map((place) => ({ ...place, deliveries: place.deliveries.of(hook.id) })),
          timeoutMs: config.MUSTER_WEBHOOK_TIMEOUT_MS,
          giveUpAfterMs: config.MUSTER_WEBHOOK_GIVE_UP_AFTER_S * 1_000,
          maxWaiting: config.MUSTER_WEBHOOK_MAX_WAITING,
        }),
      ),
    );
    for (const hook of started) running.set(hook.hook.id, hook);
    const app = held.adopt(
      buildApp({
        ...{ name, hooks: running, unreachable: stores.unreachable },
        ...{ metrics: createMetrics("webhooks", name), log },
      }),
      (built) => built.close(),
    );
    const address = await app.listen({ host: config.MUSTER_HOST, port: config.MUSTER_PORT });
    const release = held.move();
    return { port: Number(new URL(address).port), stop: () => release.disposeAsync() };
  },
};
