import { createMetrics, type Service, systemClock, systemRandom, VERSION } from "@muster/core/service";
import { openDeliveries, openStore, startBeats } from "@muster/store";
import { buildApp } from "./app.ts";
import { readConfig, type WebhooksConfig } from "./config.ts";
import { readHooks } from "./read-hooks.ts";
import { runHook } from "./run-hook.ts";

/** Tells endpoints of what happens, signed and at least once. Any number of them may run; they share the work. */
export const webhooks: Service<WebhooksConfig> = {
  role: "webhooks",
  readConfig,
  async start(config, log) {
    const name = config.MUSTER_NAME ?? `webhooks-${process.pid}`;
    const hooks = await readHooks(config.MUSTER_WEBHOOKS, config.MUSTER_WEBHOOK_SECRETS);
    const connection = { url: config.REDIS_URL, partition: config.MUSTER_PARTITION, name };
    await using held = new AsyncDisposableStack();
    const store = held.adopt(await openStore({ ...connection, clock: systemClock }), (opened) => opened.close());
    const deliveries = held.adopt(await openDeliveries(connection), (opened) => opened.close());
    held.adopt(
      startBeats({
        ...{ store, name, role: "webhooks", version: VERSION },
        figures: async () => {
          const all = await Promise.all(hooks.map(({ id }) => deliveries.of(id).status()));
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
    const running = await Promise.all(
      hooks.map(async (hook) => {
        const deps = {
          ...connection,
          ...{ hook, store, log, clock: systemClock, random: systemRandom },
          deliveries: deliveries.of(hook.id),
          timeoutMs: config.MUSTER_WEBHOOK_TIMEOUT_MS,
          giveUpAfterMs: config.MUSTER_WEBHOOK_GIVE_UP_AFTER_S * 1_000,
          maxWaiting: config.MUSTER_WEBHOOK_MAX_WAITING,
        };
        return [hook.id, { hook, running: await runHook(deps) }] as const;
      }),
    );
    // One after the other would add up their limits.
    held.defer(async () => {
      await Promise.all(running.map(([, { running: each }]) => each.close()));
    });
    const app = held.adopt(
      buildApp({ name, hooks: new Map(running), deliveries, metrics: createMetrics("webhooks", name), log }),
      (built) => built.close(),
    );
    const address = await app.listen({ host: config.MUSTER_HOST, port: config.MUSTER_PORT });
    const release = held.move();
    return { port: Number(new URL(address).port), stop: () => release.disposeAsync() };
  },
};
