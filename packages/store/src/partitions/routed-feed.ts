import type { PlayerState } from "@muster/core";
import { openClaimFeed } from "../claims/claim-feed.ts";
import { startCatchUp } from "../players/catch-up.ts";
import { type FeedOptions, isBehind, openPlayerFeed, type PlayerFeed } from "../players/player-feed.ts";
import type { Partitions } from "./open-partitions.ts";

export interface RoutedFeedOptions extends Omit<FeedOptions, "onBehind"> {
  /** A held player's claim names another partition than before. */
  onMoved?: (player: string) => void;
}

export interface RoutedFeed extends PlayerFeed {
  /**
   * A watcher of this held player was told this version elsewhere. Should Redis have an older state, what was told is lost:
   * that state is delivered with a newer version, and not before.
   */
  expect(player: string, version: number): void;
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
 * Where a player is found at a state older than what was told, or its claim sends back to one, that was lost: the player is
 * given a newer version where its claim is by then, and so told of.
 *
 * With one partition it is just that partition's feed.
 */
export const openRoutedFeed = async (
  partitions: Pick<Partitions, "all" | "home" | "claims" | "routed">,
  { onMoved, ...options }: RoutedFeedOptions,
): Promise<RoutedFeed> => {
  const own = partitions.home.keys.partition;
  await using held = new AsyncDisposableStack();
  const catchUp = held.adopt(startCatchUp(partitions.routed, options.onTrouble), (started) => started.close());
  /** Versions that watchers were told elsewhere and that have not been reached here. */
  const expected = new Map<string, number>();
  const onState = (player: string, state: PlayerState) => {
    const version = expected.get(player);
    if (version !== undefined && isOlder(state, version)) return catchUp.behind(player, { version });
    expected.delete(player);
    options.onState(player, state);
  };
  const expecting = (feed: Pick<PlayerFeed, "release" | "current">): Pick<RoutedFeed, "release" | "expect"> => ({
    release: (players) => {
      const all = [...players];
      for (const player of all) expected.delete(player);
      feed.release(all);
    },
    expect: (player, version) => {
      const state = feed.current(player);
      if (state && !isOlder(state, version)) return;
      expected.set(player, Math.max(version, expected.get(player) ?? 0));
      if (state) catchUp.behind(player, { version });
    },
  });

  if (!partitions.claims) {
    const { keys } = partitions.home;
    const feed = held.adopt(await openPlayerFeed({ ...options, keys, onState, onBehind: catchUp.behind }), (opened) =>
      opened.close(),
    );
    const release = held.move();
    return { ...feed, ...expecting(feed), close: () => release.disposeAsync() };
  }

  const followed = new Map<string, Followed>();
  const deliver = (partition: string) => (player: string, found: PlayerState) => {
    const known = followed.get(player);
    if (!known) return;
    const isPlace = partition === known.place;
    // One that moved and was not entered yet is idle, with the claim's version.
    const isMoved = isPlace && found.state === "idle" && found.version < known.epoch;
    const state = isMoved ? { ...found, version: known.epoch } : found;
    if (known.state ? state.version > known.state.version : isPlace) {
      known.state = state;
      onState(player, state);
    } else if (isPlace && known.state && isBehind(state, known.state)) catchUp.behind(player, known.state);
  };
  const onBehind = (player: string) => {
    const told = followed.get(player)?.state;
    if (told) catchUp.behind(player, told);
  };

  const feeds = new Map<string, PlayerFeed>();
  for (const [partition, { keys }] of partitions.all) {
    const opening = openPlayerFeed({ ...options, keys, onState: deliver(partition), onBehind });
    feeds.set(
      partition,
      held.adopt(await opening, (feed) => feed.close()),
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

  const feed: PlayerFeed = {
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
  return { ...feed, ...expecting(feed) };
};

/** Who is forgotten is no older than it was. */
const isOlder = (state: PlayerState, version: number): boolean => state.version > 0 && state.version < version;
