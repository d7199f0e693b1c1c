import { parseRedisUrl } from "@muster/core/service";
import type { Redis } from "ioredis";
import { inOrder } from "../in-order.ts";
import { CLAIM_SHARDS, claimKey, claimShardOf, claimTag } from "../keys.ts";
import { connect, disconnect } from "../redis/connect.ts";

/** The connections to where players' claims are: one to a single server, one for each shard's owner in a cluster. */
export interface ClaimShards {
  of(player: string): Redis;
  close(): Promise<void>;
}

/** Players' claims as Redis holds them, in order; null: absent. */
export const readClaimTexts = (shards: ClaimShards, players: readonly string[]): Promise<(string | null)[]> =>
  inOrder(players, shards.of, (redis, own) => redis.mget(own.map(claimKey)));

export const openClaimShards = async (url: string, name: string): Promise<ClaimShards> => {
  const count = parseRedisUrl(url)?.kind === "cluster" ? CLAIM_SHARDS : 1;
  const connections = Array.from({ length: count }, (_, shard) => connect(url, `${name}:claims`, claimTag(shard)));
  // They go on trying by themselves.
  await Promise.all(connections.map((redis) => redis.connect().catch(() => {})));
  const [first] = connections;
  if (!first) throw new Error("there is at least one shard");
  return {
    of: (player) => connections[claimShardOf(player)] ?? first,
    close: async () => {
      await Promise.all(connections.map(disconnect));
    },
  };
};
