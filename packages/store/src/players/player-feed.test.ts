import { ConfigError, type PlayerState } from "@muster/core";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { createKeys } from "../keys.ts";
import { startTestRedis, type TestRedis, type TestRedisOptions } from "../testing/redis-server.ts";
import { CHECK_EVERY_MS, type FeedOptions, openPlayerFeed } from "./player-feed.ts";
import { formatPlayerState } from "./player-state-text.ts";

const LIMIT_MS = 20_000;
const keys = createKeys("main");
const names = (count: number, start = "p") => Array.from({ length: count }, (_, index) => `${start}${index}`);

/** What a feed delivered, and a way to wait for more. */
class Deliveries {
  readonly last = new Map<string, number>();
  readonly wentBack: string[] = [];
  count = 0;
  resyncs = 0;
  readonly troubles: unknown[] = [];
  readonly #waiting = new Set<() => void>();

  readonly hooks = {
    onState: (player: string, state: PlayerState) => {
      const before = this.last.get(player) ?? -1;
      if (state.version <= before) this.wentBack.push(`${player}: ${before} → ${state.version}`);
      this.last.set(player, state.version);
      this.count += 1;
      this.#changed();
    },
    onResync: () => {
      this.resyncs += 1;
      this.#changed();
    },
    onTrouble: (error: unknown) => {
      this.troubles.push(error);
      this.#changed();
    },
  };

  readonly until = async (what: string, holds: () => boolean): Promise<void> => {
    if (holds()) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = () => holds() && resolve();
    this.#waiting.add(look);
    const limit = setTimeout(() => reject(new Error(`${what}: not within ${LIMIT_MS} ms`)), LIMIT_MS);
    await promise.finally(() => {
      clearTimeout(limit);
      this.#waiting.delete(look);
    });
  };

  #changed() {
    for (const look of this.#waiting) look();
  }
}

const openFeed = async (url: string, deliveries: Deliveries, more: Partial<FeedOptions> = {}) => {
  const feed = await openPlayerFeed({ url, keys, name: "feed", ...deliveries.hooks, ...more });
  onTestFinished(() => feed.close());
  return feed;
};

const openWriter = (url: string) => {
  const redis = new Redis(url);
  redis.on("error", () => {});
  onTestFinished(() => redis.disconnect());
  const write = (player: string, version: number) =>
    redis.set(keys.playerState(player), formatPlayerState({ state: "inqueue", version, at: version, tries: 0 }));
  const killed = (name: string) =>
    redis.call("CLIENT", "LIST").then(async (list) => {
      const line = String(list)
        .split("\n")
        .find((each) => each.includes(`name=${name} `));
      await redis.call("CLIENT", "KILL", "ID", String(/id=(\d+)/.exec(line ?? "")?.[1]));
    });
  return { redis, write, killed };
};

const ownRedis = async (options?: TestRedisOptions) => {
  const server = await startTestRedis(options);
  onTestFinished(() => server.stop());
  return server;
};

describe("a player feed", { timeout: 60_000 }, () => {
  let server: TestRedis;
  beforeAll(async () => {
    server = await startTestRedis();
  });
  afterAll(() => server.stop());
  afterEach(async () => {
    const redis = new Redis(server.url);
    await redis.flushall();
    await redis.quit();
  });

  it("delivers the state a held player has, and then each newer one", async () => {
    const deliveries = new Deliveries();
    const { write } = openWriter(server.url);
    await write("anna", 5);
    const feed = await openFeed(server.url, deliveries);
    feed.hold(["anna"]);
    await deliveries.until("the state it has", () => deliveries.last.get("anna") === 5);
    await write("anna", 6);
    await deliveries.until("the next state", () => deliveries.last.get("anna") === 6);
    expect(feed.current("anna")).toMatchObject({ state: "inqueue", version: 6 });
    expect(await feed.ready()).toBe(true);
  });

  it("delivers a player without a key once, as idle with version 0", async () => {
    const deliveries = new Deliveries();
    const { write, redis } = openWriter(server.url);
    const feed = await openFeed(server.url, deliveries);
    feed.hold(["nobody", "somebody"]);
    await deliveries.until("both", () => deliveries.count === 2);
    expect(feed.current("nobody")).toMatchObject({ state: "idle", version: 0 });
    await write("somebody", 1);
    await redis.del(keys.playerState("somebody"));
    await write("nobody", 1);
    await deliveries.until("the change", () => deliveries.last.get("nobody") === 1);
    expect(deliveries.wentBack).toEqual([]);
  });

  it("delivers nothing that is older than what it delivered", async () => {
    const deliveries = new Deliveries();
    const { write } = openWriter(server.url);
    const feed = await openFeed(server.url, deliveries);
    await write("anna", 5);
    feed.hold(["anna", "ben"]);
    await deliveries.until("both states", () => deliveries.count === 2);
    await write("anna", 4);
    await write("ben", 1);
    await deliveries.until("the change after it", () => deliveries.last.get("ben") === 1);
    expect(feed.current("anna")?.version).toBe(5);
    expect(deliveries.wentBack).toEqual([]);
  });

  it("loses nothing of states that change once, just while their players begin to be held", async () => {
    const deliveries = new Deliveries();
    const { write } = openWriter(server.url);
    const feed = await openFeed(server.url, deliveries);
    const players = names(10_000);
    const writes: Promise<unknown>[] = [];
    for (let from = 0; from < players.length; from += 2_000) {
      const some = players.slice(from, from + 2_000);
      feed.hold(some);
      // Spread over the turns in which they are subscribed to and read.
      for (const [index, player] of some.entries()) {
        writes.push(write(player, 1));
        if (index % 20 === 0) await new Promise(setImmediate);
      }
    }
    await Promise.all(writes);
    await deliveries.until("the newest of all", () => players.every((one) => deliveries.last.get(one) === 1));
    expect(deliveries.wentBack).toEqual([]);
  });

  it("delivers versions in order and ends on the newest while a writer changes all states again and again", async () => {
    const deliveries = new Deliveries();
    const { write } = openWriter(server.url);
    const feed = await openFeed(server.url, deliveries);
    const players = names(1_000);
    feed.hold(players);
    const rounds = 10;
    for (let version = 1; version <= rounds; version += 1) {
      await Promise.all(players.map((player) => write(player, version)));
    }
    await deliveries.until("the newest of all", () => players.every((one) => deliveries.last.get(one) === rounds));
    expect(deliveries.wentBack).toEqual([]);
  });

  it("follows only who is held, however fast holds and releases follow each other", async () => {
    const deliveries = new Deliveries();
    const { write, redis } = openWriter(server.url);
    const feed = await openFeed(server.url, deliveries);
    const players = names(600);
    const kept = players.filter((_, index) => index % 2 === 0);
    const left = players.filter((_, index) => index % 2 === 1);
    for (let round = 0; round < 20; round += 1) {
      feed.hold(players);
      if (round % 3 === 0) await new Promise(setImmediate);
      feed.release(round % 2 === 0 ? players : left);
      feed.hold(kept);
      if (round % 4 === 0) await write("p0", round + 1);
    }
    feed.release(players);
    feed.hold(kept);
    const before = new Map(deliveries.last);
    await Promise.all(players.map((player) => write(player, 1_000)));
    await deliveries.until("the newest of the kept", () => kept.every((one) => deliveries.last.get(one) === 1_000));
    for (const player of left) expect(deliveries.last.get(player)).toBe(before.get(player));
    expect(feed.stats()).toMatchObject({ held: 300, unheard: 0 });
    for (const player of left) expect(feed.current(player)).toBeUndefined();
    await vi.waitFor(
      async () => {
        const channels = (await redis.call("PUBSUB", "CHANNELS")) as string[];
        expect(channels.toSorted()).toEqual(
          kept.map((player) => `__keyspace@0__:${keys.playerState(player)}`).toSorted(),
        );
      },
      { timeout: LIMIT_MS, interval: 20 },
    );
  });

  it("delivers nothing of a player that was released while its read was under way", async () => {
    const deliveries = new Deliveries();
    const { write } = openWriter(server.url);
    const feed = await openFeed(server.url, deliveries, {
      onState: (player, state) => {
        deliveries.hooks.onState(player, state);
        // Both are read by one MGET, so the second's answer is already here.
        feed.release(["one", "two"].filter((each) => each !== player));
      },
    });
    await write("one", 1);
    await write("two", 1);
    feed.hold(["one", "two"]);
    await deliveries.until("one of them", () => deliveries.count > 0);
    feed.hold(["last"]);
    await deliveries.until("a later one", () => deliveries.last.has("last"));
    expect(deliveries.count).toBe(2);
  });

  it("ends on the newest states after its listening connection was killed", async () => {
    const deliveries = new Deliveries();
    const { write, killed } = openWriter(server.url);
    const feed = await openFeed(server.url, deliveries);
    const players = names(1_200);
    feed.hold(players);
    await deliveries.until("the first states", () => deliveries.count === players.length);
    await killed("feed:listen");
    for (let version = 1; version <= 3; version += 1)
      await Promise.all(players.map((player) => write(player, version)));
    await deliveries.until("the newest of all", () => players.every((one) => deliveries.last.get(one) === 3));
    await deliveries.until("the resync", () => deliveries.resyncs === 1);
    expect(deliveries.wentBack).toEqual([]);
    expect(deliveries.troubles).toHaveLength(1);
    await write("p7", 4);
    await deliveries.until("a change after it", () => deliveries.last.get("p7") === 4);
    expect(await feed.ready()).toBe(true);
  });

  it("ends on the newest states after its reading connection was killed", async () => {
    const deliveries = new Deliveries();
    const { write, killed } = openWriter(server.url);
    const feed = await openFeed(server.url, deliveries);
    const players = names(600);
    feed.hold(players);
    await deliveries.until("the first states", () => deliveries.count === players.length);
    const writes = Promise.all(players.map((player) => write(player, 1)));
    await killed("feed:read");
    await writes;
    await deliveries.until("the newest of all", () => players.every((one) => deliveries.last.get(one) === 1));
    expect(feed.stats()).toMatchObject({ unread: 0, resyncs: 0 });
  });

  it("goes on after Redis cut it off at the output buffer limit", async () => {
    const { url } = await ownRedis({ args: ["--client-output-buffer-limit", "pubsub", "64kb", "0", "0"] });
    const deliveries = new Deliveries();
    const { write, redis } = openWriter(url);
    const feed = await openFeed(url, deliveries);
    const players = names(400);
    feed.hold(players);
    await deliveries.until("the first states", () => deliveries.count === players.length);
    // One transaction announces far more than the limit before Redis sends anything.
    const flood = redis.multi();
    for (let version = 1; version <= 10; version += 1) {
      for (const player of players) {
        flood.set(keys.playerState(player), formatPlayerState({ state: "inqueue", version, at: 1, tries: 0 }));
      }
    }
    await flood.exec();
    await deliveries.until("the resync", () => deliveries.resyncs === 1);
    await deliveries.until("the newest of all", () => players.every((one) => deliveries.last.get(one) === 10));
    await write("p0", 11);
    await deliveries.until("a change after it", () => deliveries.last.get("p0") === 11);
  });

  it("turns notifications on again and resyncs after Redis was restarted", async () => {
    const own = await ownRedis({ appendOnly: true });
    const deliveries = new Deliveries();
    const { write, redis } = openWriter(own.url);
    const feed = await openFeed(own.url, deliveries);
    const players = names(1_200);
    await Promise.all(players.map((player) => write(player, 1)));
    feed.hold(players);
    await deliveries.until("the first states", () => players.every((one) => deliveries.last.get(one) === 1));
    await own.kill();
    await deliveries.until("the trouble", () => deliveries.troubles.length > 0);
    expect(await feed.ready()).toBe(false);
    await own.start();
    await Promise.all(players.map((player) => write(player, 2)));
    await deliveries.until("the newest of all", () => players.every((one) => deliveries.last.get(one) === 2));
    await deliveries.until("the resync", () => deliveries.resyncs === 1);
    expect(await redis.config("GET", "notify-keyspace-events")).toEqual(["notify-keyspace-events", "$K"]);
    await write("p3", 3);
    await deliveries.until("a change after it", () => deliveries.last.get("p3") === 3);
    expect(deliveries.wentBack).toEqual([]);
    expect(await feed.ready()).toBe(true);
  });

  /** Lets the test decide when the feed makes its regular check. */
  const takeOverChecks = () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    onTestFinished(() => void vi.useRealTimers());
    return () => vi.advanceTimersByTime(CHECK_EVERY_MS);
  };

  it("notices a Redis that stops answering without closing the connection", async () => {
    const check = takeOverChecks();
    const own = await ownRedis();
    const deliveries = new Deliveries();
    const { write } = openWriter(own.url);
    const feed = await openFeed(own.url, deliveries);
    feed.hold(["anna"]);
    await deliveries.until("the first state", () => deliveries.count === 1);
    own.pause();
    expect(await feed.ready()).toBe(false);
    check();
    await deliveries.until("the trouble", () => deliveries.troubles.length > 0);
    own.resume();
    await write("anna", 1);
    await deliveries.until("the newest", () => deliveries.last.get("anna") === 1);
    await deliveries.until("the resync", () => deliveries.resyncs === 1);
  });

  it("turns notifications on again when another user of this Redis turned them off", async () => {
    const check = takeOverChecks();
    const own = await ownRedis();
    const deliveries = new Deliveries();
    const { write, redis } = openWriter(own.url);
    const feed = await openFeed(own.url, deliveries);
    feed.hold(["anna"]);
    await deliveries.until("the first state", () => deliveries.count === 1);
    await redis.config("SET", "notify-keyspace-events", "");
    await write("anna", 1);
    check();
    await deliveries.until("the change", () => deliveries.last.get("anna") === 1);
    expect(deliveries.resyncs).toBe(1);
  });

  it("opens while Redis is away, and begins when it comes", async () => {
    const own = await ownRedis();
    await own.kill();
    const deliveries = new Deliveries();
    const feed = await openFeed(own.url, deliveries);
    expect(await feed.ready()).toBe(false);
    feed.hold(["anna"]);
    await own.start();
    await deliveries.until("the first state", () => deliveries.last.get("anna") === 0);
    expect(await feed.ready()).toBe(true);
    expect(feed.stats().resyncs).toBe(0);
  });

  it("is not held up by a value that no service could have written", async () => {
    const deliveries = new Deliveries();
    const { redis } = openWriter(server.url);
    await redis.set(keys.playerState("odd"), "what is this");
    const feed = await openFeed(server.url, deliveries);
    feed.hold(["odd", "anna"]);
    await deliveries.until("the other player", () => deliveries.last.has("anna"));
    expect(deliveries.last.has("odd")).toBe(false);
    expect(String(deliveries.troubles)).toContain("what is this");
  });

  it("goes on trying while it may not subscribe, and is not ready meanwhile", async () => {
    const own = await ownRedis();
    const deliveries = new Deliveries();
    const { redis } = openWriter(own.url);
    const allow = (channels: string) =>
      redis.call("ACL", "SETUSER", "limited", "reset", "on", ">secret", "~*", "+@all", channels);
    await allow("resetchannels");
    const feed = await openFeed(own.url.replace("//", "//limited:secret@"), deliveries);
    feed.hold(["anna", "ben"]);
    await deliveries.until("the trouble", () => deliveries.troubles.length > 0);
    expect(String(deliveries.troubles)).toContain("NOPERM");
    expect(await feed.ready()).toBe(false);
    feed.release(["ben"]);
    await allow("&__keyspace@0__:*");
    await deliveries.until("the first state", () => deliveries.last.has("anna"));
    expect(await feed.ready()).toBe(true);
    expect(deliveries.troubles).toHaveLength(1);
    expect(deliveries.last.has("ben")).toBe(false);
  });

  it("listens to the database that the URL names", async () => {
    const deliveries = new Deliveries();
    const url = `${server.url}/3`;
    const { write } = openWriter(url);
    const feed = await openFeed(url, deliveries);
    feed.hold(["anna"]);
    await deliveries.until("the first state", () => deliveries.count === 1);
    await write("anna", 1);
    await deliveries.until("the change", () => deliveries.last.get("anna") === 1);
  });

  it("does not open on a Redis that will not announce changes", async () => {
    const own = await ownRedis();
    const { redis } = openWriter(own.url);
    await redis.call("ACL", "SETUSER", "limited", "on", ">secret", "~*", "&*", "+@all", "-config");
    const url = own.url.replace("//", "//limited:secret@");
    await expect(openFeed(url, new Deliveries())).rejects.toThrow(ConfigError);
    const list = String(await redis.call("CLIENT", "LIST"));
    expect(list).not.toContain("name=feed");
  });
});
