import type { PlayerState } from "@muster/core";
import { openClaimFeed } from "../claims/claim-feed.ts";
import { startCatchUp } from "../players/catch-up.ts";
import { type FeedOptions, openPlayerFeed, type PlayerFeed } from "../players/player-feed.ts";
import type { Store } from "../store.ts";
import type { Partitions } from "./open-partitions.ts";

export interface RoutedFeedOptions extends FeedOptions {
  /** A held player's claim names another partition than before. */
  onMoved?: (player: string) => void;
}

interface Followed {
  /** The partition that its claim names; undefined until that was read. */
  place: string | undefined;
  epoch: number;
  /** What was delivered last. */
  state: PlayerState | undefined;
}

/**
 * Follows held players wherever their claims go: each in the deployment's own partition and in the one that its claim
 * names. The first state that is delivered is that of the claim's partition, and then whatever is newer: the versions of a
 * player rise from partition to partition (see open-claims.ts). The own partition is always followed, since a claim that
 * was kept long enough is gone without a word, and its player there again.
 *
 * Who fell back in a partition, since what was told was lost, is given a newer version there, and so told of.
 *
 * With one partition it is just that partition's feed.
 */
export const openRoutedFeed = async (
  partitions: Pick<Partitions, "all" | "home" | "claims">,
  { onMoved, ...options }: RoutedFeedOptions,
): Promise<PlayerFeed> => {
  const { onState } = options;
  const own = partitions.home.keys.partition;
  const open = async (store: Store, told: FeedOptions["onState"]): Promise<PlayerFeed> => {
    const catchUp = startCatchUp(store, options.onTrouble);
    const { behind: onBehind } = catchUp;
    const feed = await openPlayerFeed({ ...options, keys: store.keys, onState: told, onBehind });
    return { ...feed, close: () => Promise.all([catchUp.close(), feed.close()]).then(() => {}) };
  };
  if (!partitions.claims) return open(partitions.home, onState);

  const followed = new Map<string, Followed>();
  const deliver = (partition: string) => (player: string, state: PlayerState) => {
    const known = followed.get(player);
    if (!known) return;
    const isFirst = known.state === undefined && partition === known.place;
    if (!isFirst && !(known.state && state.version > known.state.version)) return;
    // One that moved and was not entered yet is idle, with the claim's version.
    const told = isFirst && state.version < known.epoch ? { ...state, version: known.epoch } : state;
    known.state = told;
    onState(player, told);
  };

  await using held = new AsyncDisposableStack();
  const feeds = new Map<string, PlayerFeed>();
  for (const [partition, store] of partitions.all) {
    feeds.set(
      partition,
      held.adopt(await open(store, deliver(partition)), (feed) => feed.close()),
    );
  }
  const feedOf = (partition: string) => feeds.get(partition);

  const claims = held.adopt(
    await openClaimFeed(own, {
      ...options,
      onState: (player, { partition, epoch }) => {
        const known = followed.get(player);
        // A partition that is not configured any more tells nothing.
        const place = feeds.has(partition) ? partition : own;
        if (!known) return;
        known.epoch = epoch;
        if (known.place === place) return;
        if (known.place !== undefined) onMoved?.(player);
        if (known.place !== undefined && known.place !== own) feedOf(known.place)?.release([player]);
        known.place = place;
        const feed = feedOf(place);
        // The own partition's feed has read it already, and will not say so again.
        const state = feed?.current(player);
        if (state) deliver(place)(player, state);
        feed?.hold([player]);
      },
    }),
    (feed) => feed.close(),
  );
  const all = () => [...feeds.values(), claims].map((feed) => feed.stats());
  const release = held.move();

  return {
    hold: (players) => {
      const fresh = [...players].filter((player) => !followed.has(player));
      for (const player of fresh) followed.set(player, { place: undefined, epoch: 0, state: undefined });
      feedOf(own)?.hold(fresh);
      claims.hold(fresh);
    },
    release: (players) => {
      for (const player of players) {
        const known = followed.get(player);
        if (!known) continue;
        followed.delete(player);
        if (known.place !== undefined && known.place !== own) feedOf(known.place)?.release([player]);
        feedOf(own)?.release([player]);
        claims.release([player]);
      }
    },
    current: (player) => followed.get(player)?.state,
    // One partition whose Redis is gone must not keep the others' players from being told.
    ready: async () => (await Promise.all([...feeds.values()].map((feed) => feed.ready()))).some(Boolean),
    stats: () => ({
      held: followed.size,
      unheard: all().reduce((sum, { unheard }) => sum + unheard, 0),
      unread: all().reduce((sum, { unread }) => sum + unread, 0),
      resyncs: all().reduce((sum, { resyncs }) => sum + resyncs, 0),
    }),
    close: () => release.disposeAsync(),
  };
};
