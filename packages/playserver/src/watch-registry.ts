import type { PlayerState } from "@muster/core";
import type { RoutedFeed } from "@muster/store";
import { toStateFrame } from "./state-frame.ts";

/** Of what was sent but not taken; whoever lets more pile up is cut off, and will read all anew when it is back. */
export const MAX_BUFFERED_BYTES = 8 * 1024 * 1024;

/** Someone who is told the states of players. */
export interface Watcher {
  /** @param frame the state frame as JSON, made once for all watchers */
  deliver(player: string, version: number, frame: string): void;
}

/** Who watches whom. The feed holds just the players that someone watches. */
export interface WatchRegistry {
  /**
   * Delivers each player's current state (at once if it is known, else as soon as it was read), then every change.
   * For a player that this watcher already watches, the current state is delivered again.
   *
   * @param seen newest versions that the watcher was told elsewhere: nothing older is delivered to it, but of who is forgotten
   */
  watch(watcher: Watcher, players: Iterable<string>, seen?: ReadonlyMap<string, number>): void;
  /** Nothing of these players is delivered to this watcher any more. Players that it doesn't watch are ignored. */
  unwatch(watcher: Watcher, players: Iterable<string>): void;
  /** Delivers a state to all who watch the player. */
  publish(player: string, state: PlayerState): void;
}

export const createWatchRegistry = (
  feed: Pick<RoutedFeed, "hold" | "release" | "current" | "expect">,
): WatchRegistry => {
  // Most players have one watcher, and a Set of one costs four times an array of one. An array is replaced, never
  // changed, so that a watcher may leave while it is being told something.
  const watchers = new Map<string, readonly Watcher[]>();

  return {
    watch: (watcher, players, seen) => {
      const first: string[] = [];
      for (const player of players) {
        const others = watchers.get(player);
        if (!others) {
          watchers.set(player, [watcher]);
          first.push(player);
          continue;
        }
        if (!others.includes(watcher)) watchers.set(player, [...others, watcher]);
        const state = feed.current(player);
        const isSeen = state && state.version > 0 && state.version < (seen?.get(player) ?? 0);
        if (state && !isSeen) watcher.deliver(player, state.version, toStateFrame(player, state));
      }
      feed.hold(first);
      for (const [player, version] of seen ?? []) feed.expect(player, version);
    },
    unwatch: (watcher, players) => {
      const last: string[] = [];
      for (const player of players) {
        const all = watchers.get(player);
        if (!all?.includes(watcher)) continue;
        const others = all.filter((each) => each !== watcher);
        if (others.length > 0) {
          watchers.set(player, others);
        } else {
          watchers.delete(player);
          last.push(player);
        }
      }
      feed.release(last);
    },
    publish: (player, state) => {
      const frame = toStateFrame(player, state);
      for (const watcher of watchers.get(player) ?? []) watcher.deliver(player, state.version, frame);
    },
  };
};
