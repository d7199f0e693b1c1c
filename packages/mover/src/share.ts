import { SERVICE_DEAD_AFTER_MS } from "@muster/core";
import type { Store } from "@muster/store";
import type { Leadership } from "./leadership.ts";

/** How often a mover looks how many others there are, and whether it leads too much. */
const LOOK_EVERY_MS = 2_000;

/** How many of the partitions a mover leads, and should. */
export interface Share {
  /** Whether one more would be more than its share. */
  isFull(): boolean;
  close(): Promise<void>;
}

export interface ShareOptions {
  store: Pick<Store, "readServices" | "clock">;
  /** Of every partition that it may lead; the same later on. */
  leaderships: ReadonlyMap<string, Pick<Leadership, "isLeader" | "handOver">>;
}

/**
 * Spreads partitions over the movers: each leads as many as there are for each mover, rounded up. A mover that is new, or
 * restarted, so gets its share: one that leads more hands over, one partition at a time. Where there is one partition,
 * nothing is ever handed over.
 */
export const startShare = ({ store, leaderships }: ShareOptions): Share => {
  let movers = 1;
  const led = () => [...leaderships.values()].filter((leadership) => leadership.isLeader());
  const fair = () => Math.ceil(leaderships.size / movers);

  const look = async () => {
    // While Redis can't be read, what was seen last must do.
    const services = await store.readServices().catch(() => undefined);
    const since = store.clock.now() - SERVICE_DEAD_AFTER_MS;
    movers = Math.max(1, services?.filter(({ role, at }) => role === "mover" && at > since).length ?? movers);
    const mine = led();
    if (mine.length > fair()) await mine.at(-1)?.handOver();
  };
  let looking: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    looking = looking.then(look);
  }, LOOK_EVERY_MS).unref();

  return {
    isFull: () => led().length >= fair(),
    close: async () => {
      clearInterval(timer);
      await looking;
    },
  };
};
