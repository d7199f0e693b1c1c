import { MusterError, NEVER_SEEN, type PlayerState } from "@muster/core";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Socket } from "./peer-socket.ts";
import { MAX_WATCHED, RealmSocket } from "./realm-socket.ts";
import { createWatchRegistry, MAX_BUFFERED_BYTES, type WatchRegistry } from "./watch-registry.ts";

/** A WebSocket whose network takes what was sent only when the test says so. */
class FakeSocket implements Socket {
  readyState = 1;
  bufferedAmount = 0;
  readonly sent: string[] = [];
  closed: { code: number; reason: string } | undefined;
  pings = 0;
  terminated = false;
  #untaken: (() => void)[] = [];

  send(text: string, taken?: () => void): void {
    this.sent.push(text);
    this.bufferedAmount += text.length;
    if (taken) this.#untaken.push(taken);
  }

  takeAll(): void {
    this.bufferedAmount = 0;
    const untaken = this.#untaken;
    this.#untaken = [];
    for (const taken of untaken) taken();
  }

  close(code: number, reason: string): void {
    this.readyState = 2;
    this.closed = { code, reason };
  }

  ping(): void {
    this.pings += 1;
  }

  terminate(): void {
    this.terminated = true;
  }
}

const NOW = 1_800_000_000_000;
const DAY_MS = 86_400_000;
const names = (from: number, count: number) => Array.from({ length: count }, (_, index) => `p${from + index}`);
const state = (version: number): PlayerState => ({ ...NEVER_SEEN, version });

describe("a realm's connection", () => {
  const held = new Set<string>();
  const current = new Map<string, PlayerState>();
  const expected = new Map<string, number>();
  let watches: WatchRegistry;
  let socket: FakeSocket;
  let realm: RealmSocket;
  let slow: number[];
  let outside: Promise<string[]> | undefined;
  let presence: { held: Set<string>; ended: boolean };
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
    slow = [];
    outside = undefined;
    socket = new FakeSocket();
    presence = { held: new Set(), ended: false };
    const { held: present } = presence;
    const open = () => ({
      hold: (players: readonly string[]) => {
        for (const player of players) present.add(player);
      },
      release: (players: readonly string[]) => {
        for (const player of players) present.delete(player);
      },
      end: () => {
        presence.ended = true;
      },
      endedBefore: () => {},
    });
    realm = new RealmSocket(
      socket,
      { cork: () => {}, uncork: () => {} },
      {
        watches,
        presence: { open },
        outside: () => outside,
        clock: { now: () => NOW },
        onSlow: (players) => slow.push(players),
      },
    );
  });

  const versionsSent = () =>
    socket.sent.map((text) => JSON.parse(text)).map(({ player, version }) => `${player} ${version}`);
  const ask = (op: "watch" | "unwatch", players: string[]) => realm.receive(JSON.stringify({ op, players }));
  const publish = (player: string, version: number) => {
    current.set(player, state(version));
    watches.publish(player, state(version));
  };
  const publishHeld = (version: number) => {
    for (const player of [...held]) if (!current.has(player)) publish(player, version);
  };

  it("tells one who comes back nothing older than it knows, and has that made up for", () => {
    watches.watch({ deliver: () => {} }, ["anna", "ben", "cid"]);
    for (const player of ["anna", "ben"]) publish(player, 5);
    publish("cid", 0);
    realm.receive('{"op":"watch","players":["anna","ben","cid","dan"],"versions":[6,5,7,0]}');
    expect(versionsSent()).toEqual(["ben 5", "cid 0"]);
    expect([...expected]).toEqual([
      ["anna", 6],
      ["ben", 5],
      ["cid", 7],
    ]);
    publish("anna", 7);
    expect(versionsSent()).toEqual(["ben 5", "cid 0", "anna 7"]);
  });

  it.each([
    ["versions must be as many as players, 2, and not 1", [1]],
    ["versions.1 must be a version that was told of the player", [1, NOW + DAY_MS + 1]],
  ])("refuses what no server told: %s", (message, versions) => {
    realm.receive(JSON.stringify({ op: "watch", players: ["anna", "ben"], versions }));
    expect(socket.sent.map((text) => JSON.parse(text))).toEqual([{ op: "error", code: "INVALID", message }]);
    expect(held.size).toBe(0);
    realm.receive(JSON.stringify({ op: "watch", players: ["anna", "ben"], versions: [1, NOW + DAY_MS] }));
    expect(socket.sent).toHaveLength(1);
  });

  it("stands for the players that it holds until it releases them or ends", () => {
    realm.receive('{"op":"hold","players":["anna","ben"]}');
    realm.receive('{"op":"release","players":["ben"]}');
    expect([...presence.held]).toEqual(["anna"]);
    realm.end();
    realm.end();
    expect(presence.ended).toBe(true);
  });

  it("stands for nobody in queues that its key is not for, and its frames take effect in their order", async () => {
    const first = Promise.withResolvers<string[]>();
    outside = first.promise;
    realm.receive('{"op":"hold","players":["anna","ben"]}');
    outside = Promise.resolve(["cleo"]);
    realm.receive('{"op":"hold","players":["cleo","dora"]}');
    // Its key is for all queues meanwhile.
    outside = undefined;
    realm.receive('{"op":"release","players":["ben"]}');
    expect([...presence.held]).toEqual([]);
    first.resolve([]);
    await vi.waitFor(() => expect([...presence.held]).toEqual(["anna"]));
    expect(socket.sent.map((text) => JSON.parse(text))).toEqual([
      { op: "error", code: "FORBIDDEN", message: expect.stringContaining("cleo") },
    ]);
    realm.receive('{"op":"hold","players":["emil"]}');
    expect(presence.held).toContain("emil");
  });

  it("is asked to come again when it can't be known for whom it may stand", async () => {
    outside = Promise.reject(new MusterError("STORE_UNAVAILABLE", "Redis is gone."));
    realm.receive('{"op":"hold","players":["anna"]}');
    await vi.waitFor(() => expect(socket.closed?.code).toBe(1013));
    expect([...presence.held]).toEqual([]);
  });

  it("is answered when it asks whether anybody is there", () => {
    realm.receive('{"op":"ping"}');
    expect(socket.sent).toEqual(['{"op":"pong"}']);
  });

  it("is told what it watches, until it doesn't any more", () => {
    ask("watch", ["anna", "ben"]);
    publish("anna", 1);
    publish("ben", 2);
    ask("unwatch", ["anna"]);
    publish("anna", 3);
    expect(socket.sent.map((text) => JSON.parse(text).version)).toEqual([1, 2]);
    expect([...held]).toEqual(["ben"]);
  });

  it("answers a faulty frame, to no other effect", () => {
    ask("watch", ["anna"]);
    realm.receive('{"op":"watch","players":["ben","-"]}');
    realm.receive(undefined);
    expect(socket.sent.map((text) => JSON.parse(text))).toEqual([
      { op: "error", code: "INVALID", message: expect.stringContaining("players[1]") },
      { op: "error", code: "INVALID", message: expect.stringContaining("text frame") },
    ]);
    expect(socket.closed).toBeUndefined();
    expect([...held]).toEqual(["anna"]);
  });

  it("has more players watched only as fast as it takes the answers", () => {
    for (let from = 0; from < 10_000; from += 1_000) ask("watch", names(from, 1_000));
    expect(held.size).toBe(2_000);
    publishHeld(1);
    expect(socket.sent).toHaveLength(2_000);
    expect(held.size).toBe(2_000);
    for (let rounds = 0; held.size < 10_000; rounds += 1) {
      expect(rounds).toBeLessThan(10);
      socket.takeAll();
      publishHeld(1);
    }
    socket.takeAll();
    publishHeld(1);
    expect(new Set(socket.sent).size).toBe(10_000);
    expect(socket.closed).toBeUndefined();
  });

  it("goes on when players are unwatched whose answers others wait for", () => {
    ask("watch", names(0, 3_000));
    ask("unwatch", names(0, 2_000));
    expect([...held]).toEqual(names(2_000, 1_000));
  });

  it("is told the current state again of a player that it watches again", () => {
    ask("watch", ["anna"]);
    publish("anna", 1);
    socket.takeAll();
    ask("watch", ["anna"]);
    expect(socket.sent).toHaveLength(2);
    expect(socket.sent[1]).toBe(socket.sent[0]);
  });

  it("may watch so many players, and no more", () => {
    for (let from = 0; from < MAX_WATCHED; from += 2_000) ask("watch", names(from, 2_000));
    expect(socket.sent).toEqual([]);
    ask("watch", names(0, 2_000));
    expect(socket.sent).toEqual([]);
    ask("watch", ["one-more", "p0"]);
    expect(JSON.parse(socket.sent[0] ?? "")).toMatchObject({
      op: "error",
      message: expect.stringContaining("players would be 100001 on this connection, and the most is 100000"),
    });
    ask("unwatch", ["p99999"]);
    ask("watch", ["one-more"]);
    expect(socket.sent).toHaveLength(1);
  });

  it("is cut off when changes pile up, and watches nobody any more", () => {
    ask("watch", ["anna", "ben"]);
    let version = 0;
    while (!socket.closed) publish("anna", ++version);
    expect(socket.closed).toEqual({ code: 1013, reason: expect.stringContaining("too slow") });
    expect(socket.bufferedAmount).toBeGreaterThan(MAX_BUFFERED_BYTES);
    expect(socket.bufferedAmount).toBeLessThan(MAX_BUFFERED_BYTES + 1_000);
    expect(slow).toEqual([2]);
    expect(held.size).toBe(0);
    const { length } = socket.sent;
    ask("watch", ["carl"]);
    publish("anna", ++version);
    expect(socket.sent).toHaveLength(length);
    expect(held.size).toBe(0);
  });

  it("leaves nobody watched when it is cut off while it begins to watch", () => {
    const other = { deliver: () => {} };
    watches.watch(other, names(0, 100));
    for (const player of names(0, 100)) publish(player, 1);
    socket.bufferedAmount = MAX_BUFFERED_BYTES + 1;
    ask("watch", names(0, 200));
    expect(socket.closed?.code).toBe(1013);
    watches.unwatch(other, names(0, 100));
    expect(held.size).toBe(0);
  });

  it("is given up when it leaves two pings unanswered", () => {
    realm.beat();
    realm.beat();
    realm.heard();
    realm.beat();
    ask("watch", ["anna"]);
    realm.beat();
    realm.beat();
    expect(socket.terminated).toBe(false);
    realm.beat();
    expect(socket.terminated).toBe(true);
    expect(socket.pings).toBe(5);
  });
});
