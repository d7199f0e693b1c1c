import { MusterError } from "@muster/core";
import type { Redis } from "ioredis";
import { connect, disconnect } from "./connect.ts";

/**
 * What success means to who is answered. `fast`: the master has it; a fail-over may lose what it had not passed on yet.
 * `replicated`: a replica has it too, or the answer is STORE_UNAVAILABLE.
 */
export type Durability = "fast" | "replicated";

/** A replica that hasn't confirmed after this long counts as none. */
const CONFIRM_LIMIT_MS = 500;
const RETRY_AFTER_S = 1;

/**
 * Resolves when a replica has all that the server had been given before this call, over any connection.
 *
 * WAIT speaks only of its own connection's last write. So a mark is written first: it stands behind everything else in
 * the replication stream, also behind what an earlier call had written and this one only found.
 *
 * @param connection is held up meanwhile, with all that is asked on it
 * @throws STORE_UNAVAILABLE when no replica confirms in time
 */
export const confirmOn = async (connection: Redis, markKey: string): Promise<void> => {
  const [marked, waited] = (await connection.pipeline().set(markKey, "").wait(1, CONFIRM_LIMIT_MS).exec()) ?? [];
  if (marked?.[0]) throw marked[0];
  // An error of WAIT says that the server has become a replica itself.
  if (!waited || waited[0] || Number(waited[1]) < 1) throw unconfirmed();
};

const unconfirmed = (): MusterError =>
  new MusterError(
    "STORE_UNAVAILABLE",
    "No replica of Redis has confirmed this, so it is not known whether a fail-over will undo it. Try again; with the same Idempotency-Key an enqueue happens only once.",
    { retryAfterS: RETRY_AFTER_S },
  );

export interface Replication {
  /** Does something over the store's connection, and resolves when a replica has it. @throws STORE_UNAVAILABLE */
  confirmed<Result>(work: () => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

export interface ReplicationOptions {
  /** The store's connection. */
  redis: Redis;
  url: string;
  partition: string;
  name: string;
  markKey: string;
}

/**
 * Waits on a connection of its own, since a wait holds up all that is asked on one. All who wait at the same time share
 * a round: who comes while one runs takes part in the next.
 */
export const openReplication = async ({
  redis,
  url,
  partition,
  name,
  markKey,
}: ReplicationOptions): Promise<Replication> => {
  const waiter = connect(url, `${name}:replicas`, partition);
  const [writtenTo, waitedAt] = [followServer(redis), followServer(waiter)];
  // It goes on trying by itself.
  await waiter.connect().catch(() => {});

  /** @returns the run of the server whose replica has confirmed */
  const ask = async (): Promise<string | undefined> => {
    const run = await waitedAt();
    await confirmOn(waiter, markKey);
    return run === (await waitedAt()) ? run : undefined;
  };
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<string | undefined> | undefined;
  const begin = () => {
    next = undefined;
    const round = ask();
    running = round;
    return round;
  };
  const join = () => {
    next ??= running.then(begin, begin);
    return next;
  };

  return {
    confirmed: async (work) => {
      const run = await writtenTo();
      const result = await work();
      const confirmedBy = await join();
      // After a fail-over between the two, the new master's replica has nothing of what the old one was told.
      if (run === undefined || run !== (await writtenTo()) || run !== confirmedBy) throw unconfirmed();
      return result;
    },
    close: () => disconnect(waiter),
  };
};

/** Tells which run of which server a connection goes to; undefined when it has none, or that can't be learnt. */
const followServer = (redis: Redis): (() => Promise<string | undefined>) => {
  const read = () =>
    redis.info("server").then(
      (info) => /^run_id:(\w+)/m.exec(info)?.[1],
      () => undefined,
    );
  let run: Promise<string | undefined> = redis.status === "ready" ? read() : Promise.resolve(undefined);
  redis.on("ready", () => {
    run = read();
  });
  redis.on("close", () => {
    run = Promise.resolve(undefined);
  });
  return () => run;
};
