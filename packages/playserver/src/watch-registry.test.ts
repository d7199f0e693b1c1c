import type { PlayerState } from "@muster/core";
import { beforeEach, describe, expect, it } from "vitest";
import { createWatchRegistry, type Watcher, type WatchRegistry } from "./watch-registry.ts";

const inQueue = (version: number): PlayerState => ({ state: "inqueue", version, at: 1_000, tries: 2, ticket: "t_1" });

describe("the registry of watchers", () => {
  const held = new Set<string>();
  const current = new Map<string, PlayerState>();
  const expected = new Map<string, number>();
  let watches: WatchRegistry;
  beforeEach(() => {
    held.clear();
    current.clear();
    expected.clear();
    watches = createWatchRegistry({
      hold: (players) => {
        for (const player of players) held.add(player);
      },
      release: (players) => {
        for (const player of players) held.delete(player);
      },
      expect: (player, version) => void expected.set(player, version),
      current: (player) => current.get(player),
    });
  });

  const publish = (player: string, state: PlayerState) => {
    current.set(player, state);
    watches.publish(player, state);
  };

  const newWatcher = () => {
    const told: string[] = [];
    const watcher: Watcher = { deliver: (player, version) => void told.push(`${player}@${version}`) };
    return { watcher, told };
  };

  it("makes the feed hold a player from the first watcher to the last", () => {
    const [one, two] = [newWatcher(), newWatcher()];
    watches.watch(one.watcher, ["anna", "ben"]);
    watches.watch(two.watcher, ["anna"]);
    expect([...held]).toEqual(["anna", "ben"]);
    watches.unwatch(one.watcher, ["anna", "ben"]);
    expect([...held]).toEqual(["anna"]);
    watches.unwatch(two.watcher, ["anna"]);
    expect(held.size).toBe(0);
  });

  it("tells all watchers of a player, and nobody else", () => {
    const [one, two, three] = [newWatcher(), newWatcher(), newWatcher()];
    watches.watch(one.watcher, ["anna"]);
    watches.watch(two.watcher, ["anna", "ben"]);
    watches.watch(three.watcher, ["ben"]);
    publish("anna", inQueue(1));
    expect([one.told, two.told, three.told]).toEqual([["anna@1"], ["anna@1"], []]);
  });

  it("tells a later watcher the current state at once", () => {
    const [one, two] = [newWatcher(), newWatcher()];
    watches.watch(one.watcher, ["anna"]);
    publish("anna", inQueue(1));
    watches.watch(two.watcher, ["anna"]);
    expect(two.told).toEqual(["anna@1"]);
    publish("anna", inQueue(2));
    expect(two.told).toEqual(["anna@1", "anna@2"]);
  });

  it("tells a watcher who watches again the current state again, and each change once", () => {
    const { watcher, told } = newWatcher();
    watches.watch(watcher, ["anna"]);
    watches.watch(watcher, ["anna"]);
    expect(told).toEqual([]);
    publish("anna", inQueue(1));
    watches.watch(watcher, ["anna"]);
    publish("anna", inQueue(2));
    expect(told).toEqual(["anna@1", "anna@1", "anna@2"]);
  });

  it("tells a watcher nothing older than it was told elsewhere, and has the feed expect that", () => {
    const [one, two] = [newWatcher(), newWatcher()];
    watches.watch(one.watcher, ["anna", "ben", "cid"]);
    for (const player of ["anna", "ben"]) publish(player, inQueue(5));
    publish("cid", { state: "idle", version: 0, at: 0, tries: 0 });
    const seen = new Map([
      ["anna", 6],
      ["ben", 5],
      ["cid", 4],
    ]);
    watches.watch(two.watcher, ["anna", "ben", "cid"], seen);
    expect(two.told).toEqual(["ben@5", "cid@0"]);
    expect(expected).toEqual(seen);
    publish("anna", inQueue(7));
    expect(two.told).toEqual(["ben@5", "cid@0", "anna@7"]);
  });

  it("ignores who stops watching what it never watched", () => {
    const [one, two] = [newWatcher(), newWatcher()];
    watches.watch(one.watcher, ["anna"]);
    watches.unwatch(two.watcher, ["anna", "ben"]);
    expect([...held]).toEqual(["anna"]);
  });

  it("lets a watcher leave while it is being told", () => {
    const leaving: Watcher = { deliver: (player) => watches.unwatch(leaving, [player]) };
    const { watcher, told } = newWatcher();
    watches.watch(leaving, ["anna"]);
    watches.watch(watcher, ["anna"]);
    publish("anna", inQueue(1));
    publish("anna", inQueue(2));
    expect(told).toEqual(["anna@1", "anna@2"]);
    expect([...held]).toEqual(["anna"]);
  });

  it("makes one frame for all, with what a watcher may know", () => {
    const frames: string[] = [];
    const watcher: Watcher = { deliver: (_player, _version, frame) => void frames.push(frame) };
    watches.watch(watcher, ["anna"]);
    publish("anna", { ...inQueue(1), state: "inmatch", match: "m_1", queue: "duel", ticketVersion: 3 });
    expect(JSON.parse(frames[0] ?? "")).toEqual({
      op: "state",
      player: "anna",
      state: "inmatch",
      version: 1,
      ticket: "t_1",
      match: "m_1",
      at: 1_000,
    });
  });
});
