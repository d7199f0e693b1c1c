import type { RedisAddress } from "@muster/core/service";
import { askOnce } from "./ask-once.ts";

/** How long the others may take once most have answered: one that is away is often silent. */
const LAST_LIMIT_MS = 250;

type Host = RedisAddress["hosts"][number];

/** The master, as a sentinel knows it. */
export interface NamedMaster {
  readonly host: Host;
  /** Rises with each fail-over: of sentinels who differ, the one with the higher one has heard of the last. */
  readonly epoch: number;
}

/**
 * Asks all sentinels at once, and goes by the one that knows best: while a fail-over spreads, others still name the
 * server that was master before, which may be alive, and takes what is written to it until it is told.
 *
 * @throws when none can say
 */
export const askSentinels = async (address: RedisAddress): Promise<NamedMaster> => {
  const { promise: enough, resolve } = Promise.withResolvers<void>();
  const named: NamedMaster[] = [];
  let last: unknown = "none is named";
  const all = address.hosts.map(async (sentinel) => {
    try {
      named.push(await ask(sentinel, address));
      if (named.length > address.hosts.length / 2) setTimeout(resolve, LAST_LIMIT_MS).unref();
    } catch (error) {
      last = error;
    }
  });
  await Promise.race([Promise.all(all), enough]);
  const [newest] = named.toSorted((one, other) => other.epoch - one.epoch);
  if (!newest) throw new Error(`connection is closed: no sentinel says who is master "${address.master}": ${last}`);
  return newest;
};

/** Sentinels have no login: that of the address is for the servers behind them. */
const ask = (sentinel: Host, { tls, master = "" }: RedisAddress): Promise<NamedMaster> =>
  askOnce(sentinel, { tls }, async (redis) => {
    // The first names a replica from its promotion on, the second goes on to describe the old master until all is over.
    const [found, about] = (await Promise.all([
      redis.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", master),
      redis.call("SENTINEL", "MASTER", master),
    ])) as [readonly [string, string] | null, readonly string[]];
    if (!found) throw new Error("it knows no such master");
    const epoch = Number(about[about.indexOf("config-epoch") + 1]);
    return { host: { host: found[0], port: Number(found[1]) }, epoch };
  });
