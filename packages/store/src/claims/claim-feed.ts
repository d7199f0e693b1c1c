import { parseRedisUrl } from "@muster/core/service";
import { CLAIM_SHARDS, claimKey, claimProbeKey, claimShardOf, claimTag, playerOfClaimKey } from "../keys.ts";
import { type FeedOptions, openFeed, type PlayerFeed } from "../players/player-feed.ts";
import { type Claim, parseClaim } from "./claim.ts";

/** Follows held players' claims: on one server by one feed, in a cluster by one for each shard. */
export const openClaimFeed = async (
  home: string,
  { name, ...options }: FeedOptions<Claim>,
): Promise<Pick<PlayerFeed, "hold" | "release" | "stats" | "close">> => {
  const count = parseRedisUrl(options.url)?.kind === "cluster" ? CLAIM_SHARDS : 1;
  const feeds = await Promise.all(
    Array.from({ length: count }, (_, shard) =>
      openFeed<Claim>(
        {
          ...{ hashTag: claimTag(shard), keyOf: claimKey, playerOf: playerOfClaimKey },
          // In a cluster the others' shards may be on other masters.
          probeKey: claimProbeKey(shard),
          parse: (text) => parseClaim(text, home),
          // Also one that is older: then the last was lost, and the player is where this one says.
          isNews: (claim, last) => claim.epoch !== last.epoch || claim.partition !== last.partition,
          isBehind: () => false,
        },
        { ...options, name: `${name}:claims` },
      ),
    ),
  );
  const byFeed = (players: Iterable<string>) => Map.groupBy(players, (player) => feeds[claimShardOf(player) % count]);
  return {
    hold: (players) => {
      for (const [feed, own] of byFeed(players)) feed?.hold(own);
    },
    release: (players) => {
      for (const [feed, own] of byFeed(players)) feed?.release(own);
    },
    stats: () => {
      const all = feeds.map((feed) => feed.stats());
      const sum = (what: "held" | "unheard" | "unread" | "resyncs") =>
        all.reduce((total, each) => total + each[what], 0);
      return { held: sum("held"), unheard: sum("unheard"), unread: sum("unread"), resyncs: sum("resyncs") };
    },
    close: async () => {
      await Promise.all(feeds.map((feed) => feed.close()));
    },
  };
};
